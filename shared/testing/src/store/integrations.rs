use domain::ids::{ClientId, CompanyId};
use domain::integration::Integration;
use domain::ports::{Client, Clients, Integrations, SaveError, StoreError};

use super::MemoryStore;
use crate::faults::Op;

impl Integrations for MemoryStore {
    async fn integration(&self, company: &CompanyId) -> Result<Option<Integration>, StoreError> {
        let exit = self.faults.enter(Op::Integration).await?;
        let found = self.integration_of(company);
        exit.leave().await?;
        Ok(found)
    }

    async fn save_integration(&self, integration: &mut Integration) -> Result<(), SaveError> {
        let exit = self.faults.enter(Op::SaveIntegration).await?;
        let next = integration.version + 1;
        {
            let mut tables = self.tables();
            let stored = tables.integrations.get(&integration.company).map_or(0, |stored| stored.version);
            if stored != integration.version {
                return Err(SaveError::Conflict);
            }
            let saved = Integration { version: next, ..integration.clone() };
            tables.put_integration(saved);
        }
        exit.leave().await?;
        integration.version = next;
        Ok(())
    }
}

impl Clients for MemoryStore {
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        let exit = self.faults.enter(Op::Client).await?;
        let found = self.tables().clients.get(id).cloned();
        exit.leave().await?;
        Ok(found)
    }

    async fn put_client(&self, client: &Client) -> Result<(), StoreError> {
        let exit = self.faults.enter(Op::PutClient).await?;
        self.tables().clients.insert(client.id.clone(), client.clone());
        Ok(exit.leave().await?)
    }

    async fn delete_client(&self, id: &ClientId) -> Result<(), StoreError> {
        let exit = self.faults.enter(Op::DeleteClient).await?;
        self.tables().clients.remove(id);
        Ok(exit.leave().await?)
    }
}
