//! How we are registered, as the port wants it.

use domain::ports::{Clock, PartnerConfiguration, SmartRecruitersError};
use domain::registration::{Field, Registration};
use domain::sensitive::{ClientCredentials, Secret};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{SmartRecruitersClient, answers};

/// The partner configuration's JSON. Whoever has put it may have left out anything.
#[derive(Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Body {
    consent_url: String,
    consent_display_mode: String,
    assessment_package_list_url: String,
    single_assessment_package_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    package_order_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inline_assessment_package_order_url: Option<String>,
    oauth_token_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    integration_disable_url: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldBody>,
    supported_assessment_types: Vec<String>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct FieldBody {
    id: String,
    name: String,
    description: String,
}

impl<C: Clock> PartnerConfiguration for SmartRecruitersClient<C> {
    async fn registration(&self, master: &ClientCredentials) -> Result<Option<Registration>, SmartRecruitersError> {
        let ask = self.request("getPartnerConfiguration", Method::GET, self.configuration());
        let reply = self.authorised(master, ask).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        let body: Body = answers::accept(reply, self.clock.now())?.json().map_err(answers::broken)?;
        Ok(Some(read(body)))
    }

    async fn register(
        &self,
        master: &ClientCredentials,
        registration: &Registration,
    ) -> Result<(), SmartRecruitersError> {
        let ask = self.request("putPartnerConfiguration", Method::PUT, self.configuration());
        let reply = self.authorised(master, ask.with_json(&write(registration))).await?;
        answers::accept(reply, self.clock.now()).map(drop)
    }
}

impl<C> SmartRecruitersClient<C> {
    fn configuration(&self) -> Url {
        self.config.base.endpoint(&["assessment-api", "v202010", "partner", "configuration"])
    }
}

fn read(body: Body) -> Registration {
    let mut types = body.supported_assessment_types;
    types.sort();
    let field = |field: FieldBody| Field { id: field.id, name: field.name, description: field.description };
    Registration {
        consent_url: body.consent_url,
        display: body.consent_display_mode,
        list_url: body.assessment_package_list_url,
        package_url: body.single_assessment_package_url,
        order_url: body.package_order_url,
        inline_order_url: body.inline_assessment_package_order_url,
        token_url: body.oauth_token_url,
        disable_url: body.integration_disable_url.map(Secret::new),
        fields: body.fields.into_iter().map(field).collect(),
        types,
    }
}

fn write(registration: &Registration) -> Body {
    let field = |field: &Field| FieldBody {
        id: field.id.clone(),
        name: field.name.clone(),
        description: field.description.clone(),
    };
    Body {
        consent_url: registration.consent_url.clone(),
        consent_display_mode: registration.display.clone(),
        assessment_package_list_url: registration.list_url.clone(),
        single_assessment_package_url: registration.package_url.clone(),
        package_order_url: registration.order_url.clone(),
        inline_assessment_package_order_url: registration.inline_order_url.clone(),
        oauth_token_url: registration.token_url.clone(),
        integration_disable_url: registration.disable_url.as_ref().map(|url| url.expose().to_owned()),
        fields: registration.fields.iter().map(field).collect(),
        supported_assessment_types: registration.types.clone(),
    }
}
