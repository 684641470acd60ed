//! What a call of AWS asks for, and which rights it takes.

use axum::http::HeaderMap;
use serde_json::Value;

/// A call, read from its signature, its target and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// The access key that signed it.
    pub(crate) key: String,
    /// Service and operation, e.g. `dynamodb:TransactWriteItems`.
    pub(crate) operation: String,
    /// The rights it takes.
    pub(crate) rights: Vec<Right>,
    /// How many items a transaction has; 0 for other calls.
    pub(crate) items: usize,
}

/// An action of IAM on a resource. Nothing of a body but names is in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Right {
    /// E.g. `dynamodb:PutItem`.
    pub(crate) action: String,
    /// The last part of the resource's ARN, e.g. `table/orders/index/due`, or all of it where the call has all of it.
    pub(crate) resource: String,
}

impl Call {
    /// Reads a signed call of a service that is called by JSON; none when it is something else.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Option<Self> {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (_, credential) = text("authorization")?.split_once("Credential=")?;
        let mut scope = credential.split([',', ' ']).next()?.split('/');
        let (key, service) = (scope.next()?.to_owned(), scope.nth(2)?);
        let (_, action) = text("x-amz-target")?.rsplit_once('.')?;
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let rights = match service {
            "dynamodb" => dynamodb(action, &body),
            "sqs" => vec![right("sqs", action.trim_end_matches("Batch"), queue(&body))],
            "secretsmanager" => secrets_manager(action, &body),
            _ => vec![right(service, action, "")],
        };
        let items = body.get("TransactItems").and_then(Value::as_array).map_or(0, Vec::len);
        Some(Self { key, operation: format!("{service}:{action}"), rights, items })
    }
}

fn right(service: &str, action: &str, resource: impl Into<String>) -> Right {
    Right { action: format!("{service}:{action}"), resource: resource.into() }
}

/// A transaction takes the right of each of its parts; a call for several tables takes its right on each.
fn dynamodb(action: &str, body: &Value) -> Vec<Right> {
    if let Some(items) = body.get("TransactItems").and_then(Value::as_array) {
        let parts = items.iter().filter_map(Value::as_object).flatten();
        return parts.map(|(part, item)| right("dynamodb", &item_action(part), table(item))).collect();
    }
    if let Some(tables) = body.get("RequestItems").and_then(Value::as_object) {
        return tables.keys().map(|name| right("dynamodb", action, table_resource(name))).collect();
    }
    vec![right("dynamodb", action, table(body))]
}

/// `Put` is authorised as `PutItem`, and so on; `ConditionCheck` as `ConditionCheckItem`.
fn item_action(part: &str) -> String {
    format!("{part}Item")
}

/// The table that an object names, or its index where it names one.
fn table(object: &Value) -> String {
    let name = |property: &str| object.get(property).and_then(Value::as_str);
    let table = table_resource(name("TableName").unwrap_or_default());
    match name("IndexName") {
        Some(index) => format!("{table}/index/{index}"),
        None => table,
    }
}

fn table_resource(name: &str) -> String {
    if name.starts_with("arn:") { name.to_owned() } else { format!("table/{name}") }
}

fn queue(body: &Value) -> String {
    let url = body.get("QueueUrl").and_then(Value::as_str).unwrap_or_default();
    url.rsplit('/').next().unwrap_or_default().to_owned()
}

/// A secret that is created with tags is tagged as well.
fn secrets_manager(action: &str, body: &Value) -> Vec<Right> {
    let named = body.get("SecretId").or_else(|| body.get("Name")).and_then(Value::as_str).unwrap_or_default();
    let secret = if named.starts_with("arn:") { named.to_owned() } else { format!("secret:{named}") };
    let is_tagged = body.get("Tags").and_then(Value::as_array).is_some_and(|tags| !tags.is_empty());
    let tagging =
        (action == "CreateSecret" && is_tagged).then(|| right("secretsmanager", "TagResource", secret.clone()));
    std::iter::once(right("secretsmanager", action, secret)).chain(tagging).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(service: &str, target: &str, body: &Value) -> Call {
        let signature = format!(
            "AWS4-HMAC-SHA256 Credential=ASIA1/20260103/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let mut headers = HeaderMap::new();
        headers.insert("authorization", signature.parse().unwrap());
        headers.insert("x-amz-target", target.parse().unwrap());
        Call::read(&headers, body.to_string().as_bytes()).unwrap()
    }

    fn rights(service: &str, target: &str, body: &Value) -> Vec<String> {
        let rights = call(service, target, body).rights;
        rights.into_iter().map(|right| format!("{} {}", right.action, right.resource)).collect()
    }

    #[test]
    fn a_call_is_known_by_its_signature_and_target() {
        let call = call("dynamodb", "DynamoDB_20120810.GetItem", &json!({"TableName": "orders", "Key": {}}));
        assert_eq!((call.key.as_str(), call.operation.as_str()), ("ASIA1", "dynamodb:GetItem"));
        assert_eq!(Call::read(&HeaderMap::new(), b"{}"), None);
    }

    #[test]
    fn an_index_is_a_resource_of_its_own() {
        let body = json!({"TableName": "orders", "IndexName": "due"});
        assert_eq!(rights("dynamodb", "DynamoDB_20120810.Query", &body), ["dynamodb:Query table/orders/index/due"]);
    }

    #[test]
    fn a_transaction_takes_the_right_of_each_part() {
        let body = json!({"TransactItems": [
            {"Put": {"TableName": "orders", "Item": {"name": {"S": "Juno"}}}},
            {"ConditionCheck": {"TableName": "orders"}},
        ]});
        let found = rights("dynamodb", "DynamoDB_20120810.TransactWriteItems", &body);
        assert_eq!(found, ["dynamodb:PutItem table/orders", "dynamodb:ConditionCheckItem table/orders"]);
        assert_eq!(call("dynamodb", "DynamoDB_20120810.TransactWriteItems", &body).items, 2);
    }

    #[test]
    fn a_batch_takes_its_right_on_each_table() {
        let body = json!({"RequestItems": {"orders": []}});
        let found = rights("dynamodb", "DynamoDB_20120810.BatchWriteItem", &body);
        assert_eq!(found, ["dynamodb:BatchWriteItem table/orders"]);
    }

    #[test]
    fn a_batch_of_messages_takes_the_right_of_one() {
        let body = json!({"QueueUrl": "http://localhost:1/000000000000/results", "Entries": []});
        assert_eq!(rights("sqs", "AmazonSQS.SendMessageBatch", &body), ["sqs:SendMessage results"]);
    }

    #[test]
    fn a_secret_is_known_by_name_or_by_arn_and_never_by_value() {
        let created = json!({"Name": "stack/companies/1", "SecretString": "do not tell", "Tags": [{"Key": "k"}]});
        let found = rights("secretsmanager", "secretsmanager.CreateSecret", &created);
        let secret = "secret:stack/companies/1";
        assert_eq!(
            found,
            [format!("secretsmanager:CreateSecret {secret}"), format!("secretsmanager:TagResource {secret}"),]
        );
        let read = json!({"SecretId": "arn:aws:secretsmanager:us-east-1:0:secret:partner-abcdef"});
        let found = rights("secretsmanager", "secretsmanager.GetSecretValue", &read);
        assert_eq!(found, ["secretsmanager:GetSecretValue arn:aws:secretsmanager:us-east-1:0:secret:partner-abcdef"]);
    }
}
