//! The cases that the ports in memory pass, too.

use aws::{CompanySecretStore, Secrets};

use crate::setup::{empty_queues, sdk, table, unique};

async fn processes() -> (Secrets<CompanySecretStore>, Secrets<CompanySecretStore>) {
    let (sdk, prefix) = (sdk(), format!("{}/", unique("companies")));
    let process = || Secrets { companies: CompanySecretStore::new(&sdk, &prefix), partner: () };
    (process(), process())
}

testing::integrations_contract!(table);
testing::clients_contract!(table);
testing::catalogue_contract!(table);
testing::ledger_contract!(table);
testing::open_work_contract!(table);
testing::personal_data_contract!(table);
testing::due_contract!(table);
testing::lookup_contract!(table);
testing::tries_contract!(table);
testing::turns_contract!(table);
testing::survey_contract!(table);
testing::notes_contract!(table);
testing::company_secrets_contract!(processes);
testing::queues_contract!(empty_queues);
