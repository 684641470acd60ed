use domain::ids::{ClientId, CompanyId};
use domain::integration::Integration;
use domain::ports::{Client, Clients, Integrations, SaveError, StoreError};

use super::Table;
use crate::failure::Failure;
use crate::items::Key;

impl Integrations for Table {
    async fn integration(&self, company: &CompanyId) -> Result<Option<Integration>, StoreError> {
        self.get(Key::integration(company), true).await
    }

    async fn save_integration(&self, integration: &mut Integration) -> Result<(), SaveError> {
        integration.version = self.save(integration).await?;
        Ok(())
    }
}

impl Clients for Table {
    async fn client(&self, id: &ClientId) -> Result<Option<Client>, StoreError> {
        self.get(Key::client(id), true).await
    }

    async fn put_client(&self, client: &Client) -> Result<(), StoreError> {
        self.put(client).await
    }

    async fn delete_client(&self, id: &ClientId) -> Result<(), StoreError> {
        let request = self.client().delete_item().table_name(&self.name);
        let request = request.set_key(Some(Key::client(id).attributes()));
        request.send().await.map_err(|error| Failure::new("DeleteItem", &error))?;
        Ok(())
    }
}
