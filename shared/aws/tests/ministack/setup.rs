//! Resources of a test's own. They end with the emulator.

use aws::{InvitationSqs, Queues, ResultSqs, Sdk, Table};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType,
};
use domain::ids::InvitationKey;
use domain::ports::{InvitationQueue, QueueError, ResultQueue, ResultWork};
use runtime::transport::Transport;
use serde::de::DeserializeOwned;
use std::time::Duration;
use testing::contract::queues::Receiver;
use uuid::Uuid;

/// A name that nothing else has.
pub(crate) fn unique(kind: &str) -> String {
    format!("contract-{kind}-{}", Uuid::new_v4().simple())
}

/// The SDK, sending to the emulator by the product's own HTTP stack.
pub(crate) fn sdk() -> Sdk {
    let endpoint = std::env::var("AWS_ENDPOINT_URL").ok().filter(|endpoint| !endpoint.is_empty());
    let endpoint = endpoint.expect(
        "these tests need MiniStack: start it, and set AWS_ENDPOINT_URL to its address, e.g. http://127.0.0.1:4566",
    );
    sdk_at(&endpoint)
}

/// The SDK, sending to an address.
pub(crate) fn sdk_at(endpoint: &str) -> Sdk {
    let variable = |name: &str| match name {
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("test".to_owned()),
        "AWS_ENDPOINT_URL" => Some(endpoint.to_owned()),
        _ => None,
    };
    Sdk::from_variables(variable, Transport::new().sdk_client()).unwrap()
}

/// A table as template.yaml defines it.
pub(crate) async fn table() -> Table {
    let (sdk, name) = (sdk(), unique("table"));
    let attribute =
        |name: &str, kind| AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap();
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let index = |name: &str, keys: Vec<KeySchemaElement>| {
        let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
        let index = GlobalSecondaryIndex::builder().index_name(name).set_key_schema(Some(keys)).projection(keys_only);
        index.build().unwrap()
    };
    sdk.dynamodb()
        .create_table()
        .table_name(&name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk", ScalarAttributeType::S))
        .attribute_definitions(attribute("sk", ScalarAttributeType::S))
        .attribute_definitions(attribute("due_shard", ScalarAttributeType::S))
        .attribute_definitions(attribute("due_at", ScalarAttributeType::N))
        .attribute_definitions(attribute("lookup", ScalarAttributeType::S))
        .attribute_definitions(attribute("listed", ScalarAttributeType::S))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(index("due", vec![key("due_shard", KeyType::Hash), key("due_at", KeyType::Range)]))
        .global_secondary_indexes(index("lookup", vec![key("lookup", KeyType::Hash)]))
        .global_secondary_indexes(index("listed", vec![key("listed", KeyType::Hash), key("pk", KeyType::Range)]))
        .send()
        .await
        .unwrap();
    Table::new(&sdk, name)
}

/// Both queues, and their receiving ends.
pub(crate) struct TestQueues {
    sdk: Sdk,
    invitation_url: String,
    result_url: String,
    queues: Queues<InvitationSqs, ResultSqs>,
}

/// Two new queues.
pub(crate) async fn empty_queues() -> TestQueues {
    let sdk = sdk();
    let (invitation_url, result_url) = (queue(&sdk).await, queue(&sdk).await);
    let queues =
        Queues { invitations: InvitationSqs::new(&sdk, &invitation_url), results: ResultSqs::new(&sdk, &result_url) };
    TestQueues { sdk, invitation_url, result_url, queues }
}

async fn queue(sdk: &Sdk) -> String {
    sdk.sqs().create_queue().queue_name(unique("queue")).send().await.unwrap().queue_url.unwrap()
}

impl TestQueues {
    async fn receive<T: DeserializeOwned>(&self, url: &str) -> Option<T> {
        let answer = self.sdk.sqs().receive_message().queue_url(url).max_number_of_messages(1).send().await.unwrap();
        let message = answer.messages.unwrap_or_default().pop()?;
        let receipt = message.receipt_handle.unwrap();
        self.sdk.sqs().delete_message().queue_url(url).receipt_handle(receipt).send().await.unwrap();
        Some(serde_json::from_str(&message.body.unwrap()).unwrap())
    }
}

impl Receiver for TestQueues {
    async fn receive_invite(&self) -> Option<InvitationKey> {
        self.receive(&self.invitation_url).await
    }

    async fn receive_result(&self) -> Option<ResultWork> {
        self.receive(&self.result_url).await
    }
}

impl InvitationQueue for TestQueues {
    async fn wake_invite(&self, key: &InvitationKey, delay: Duration) -> Result<(), QueueError> {
        self.queues.wake_invite(key, delay).await
    }
}

impl ResultQueue for TestQueues {
    async fn wake_result(&self, work: &ResultWork, delay: Duration) -> Result<(), QueueError> {
        self.queues.wake_result(work, delay).await
    }
}
