//! The ports in memory keep what the ports promise.

use testing::Fakes;
use testing::queues::MemoryQueues;
use testing::secrets::MemorySecrets;
use testing::store::MemoryStore;

async fn store() -> MemoryStore {
    MemoryStore::default()
}

async fn processes() -> (MemorySecrets, MemorySecrets) {
    let one = Fakes::default().secrets;
    let two = one.another_process();
    (one, two)
}

async fn empty_queues() -> MemoryQueues {
    Fakes::default().queues
}

testing::integrations_contract!(store);
testing::clients_contract!(store);
testing::catalogue_contract!(store);
testing::ledger_contract!(store);
testing::open_work_contract!(store);
testing::personal_data_contract!(store);
testing::due_contract!(store);
testing::lookup_contract!(store);
testing::tries_contract!(store);
testing::turns_contract!(store);
testing::survey_contract!(store);
testing::notes_contract!(store);
testing::company_secrets_contract!(processes);
testing::queues_contract!(empty_queues);
