//! CloudWatch's alarms: one call, signed by the SDK's own signer. The SDK's client of CloudWatch brings a second HTTP library, CBOR and
//! compression along for it.

use std::time::{Duration, SystemTime};

use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_types::SdkConfig;
use bytes::Bytes;
use runtime::transport::{Limits, Transport};
use serde::Deserialize;
use serde_json::json;

use crate::fail::Failure;

const OPERATION: &str = "DescribeAlarms";
const CONTENT_TYPE: &str = "application/x-amz-json-1.0";
const TARGET: &str = "GraniteServiceVersion20100801.DescribeAlarms";
const LIMITS: Limits = Limits { timeout: Duration::from_secs(10), max_body: 4 * 1024 * 1024, repeatable: true };

/// An alarm, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Alarm {
    #[serde(rename = "AlarmName")]
    pub(crate) name: String,
    #[serde(rename = "AlarmDescription")]
    pub(crate) description: Option<String>,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    #[serde(rename = "StateValue")]
    pub(crate) state: String,
    /// What it does when it is raised: mostly a topic.
    #[serde(default)]
    alarm_actions: Vec<String>,
    /// Whether it does that.
    #[serde(default = "yes")]
    actions_enabled: bool,
}

const fn yes() -> bool {
    true
}

impl Alarm {
    /// Whether anybody is told when it is raised.
    pub(crate) fn tells(&self) -> bool {
        self.actions_enabled && !self.alarm_actions.is_empty()
    }
}

/// The alarms of these names: one `DescribeAlarms` for a hundred of them.
pub(crate) async fn describe(
    config: &SdkConfig,
    transport: &Transport,
    names: &[String],
) -> Result<Vec<Alarm>, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(default)]
        metric_alarms: Vec<Alarm>,
    }
    let mut alarms = vec![];
    for names in names.chunks(100) {
        let body = json!({"AlarmNames": names, "MaxRecords": 100}).to_string();
        let answer = transport.send(signed(config, body).await?, LIMITS).await;
        let answer = answer.map_err(|error| Failure::aws(OPERATION, &error.to_string()))?;
        if !answer.status().is_success() {
            let words = String::from_utf8_lossy(answer.body()).chars().take(300).collect::<String>();
            return Err(Failure::aws(OPERATION, &format!("status {}, {words}", answer.status().as_u16())));
        }
        let answer: Answer = serde_json::from_slice(answer.body())
            .map_err(|_| Failure::aws(OPERATION, "an answer that cannot be read"))?;
        alarms.extend(answer.metric_alarms);
    }
    Ok(alarms)
}

/// A request with its signature.
async fn signed(config: &SdkConfig, body: String) -> Result<http::Request<Bytes>, Failure> {
    let failed = |what: &str| Failure::aws(OPERATION, what);
    let region = config.region().ok_or_else(|| failed("no region"))?.to_string();
    let provider = config.credentials_provider().ok_or_else(|| failed("no credentials"))?;
    let credentials = provider.provide_credentials().await.map_err(|error| failed(&error.to_string()))?;
    let identity = credentials.into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(&region)
        .name("monitoring")
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| failed(&error.to_string()))?
        .into();
    let uri = endpoint(config.endpoint_url(), &region);
    let headers = [("content-type", CONTENT_TYPE), ("x-amz-target", TARGET)];
    let signable =
        SignableRequest::new("POST", uri.as_str(), headers.into_iter(), SignableBody::Bytes(body.as_bytes()));
    let signed = signable.and_then(|request| sign(request, &params)).map_err(|error| failed(&error.to_string()))?;
    let mut request = http::Request::post(&uri);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let mut request = request.body(Bytes::from(body)).map_err(|error| failed(&error.to_string()))?;
    signed.into_parts().0.apply_to_request_http1x(&mut request);
    Ok(request)
}

/// Where CloudWatch is.
fn endpoint(configured: Option<&str>, region: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    match configured {
        Some(endpoint) => format!("{}/", endpoint.trim_end_matches('/')),
        None => format!("https://monitoring.{region}.{suffix}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cloudwatch_is_where_aws_has_it_or_the_local_stack() {
        assert_eq!(endpoint(None, "eu-central-1"), "https://monitoring.eu-central-1.amazonaws.com/");
        assert_eq!(endpoint(None, "cn-north-1"), "https://monitoring.cn-north-1.amazonaws.com.cn/");
        assert_eq!(endpoint(Some("http://127.0.0.1:4566"), "us-east-1"), "http://127.0.0.1:4566/");
    }
}
