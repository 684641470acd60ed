//! The truth, in memory.

mod catalogue;
mod index;
mod integrations;
mod ledger;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use domain::assessment::Assessment;
use domain::ids::{AssessmentId, ClientId, CompanyId, InvitationKey, OrderId};
use domain::integration::Integration;
use domain::invitation::Invitation;
use domain::order::Order;
use domain::ports::{CatalogueState, Client};

use crate::faults::Faults;

#[derive(Debug, Default)]
struct Tables {
    integrations: BTreeMap<CompanyId, Integration>,
    clients: BTreeMap<ClientId, Client>,
    catalogues: BTreeMap<CompanyId, CatalogueState>,
    assessments: BTreeMap<(CompanyId, AssessmentId), Assessment>,
    orders: BTreeMap<(CompanyId, OrderId), Order>,
    invitations: BTreeMap<InvitationKey, Invitation>,
}

/// Every port of the store. Clones are the same store.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    tables: Arc<Mutex<Tables>>,
    faults: Faults,
}

/// A look at the state, and a hand in it, past faults, counters and versions.
impl MemoryStore {
    /// An empty store.
    pub fn new(faults: &Faults) -> Self {
        Self { tables: Arc::default(), faults: faults.clone() }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().expect("no test panics while it holds the store")
    }

    /// The integration of a company.
    pub fn integration_of(&self, company: &CompanyId) -> Option<Integration> {
        self.tables().integrations.get(company).cloned()
    }

    /// All clients.
    pub fn clients(&self) -> Vec<Client> {
        self.tables().clients.values().cloned().collect()
    }

    /// A company's catalogue state.
    pub fn catalogue_state_of(&self, company: &CompanyId) -> Option<CatalogueState> {
        self.tables().catalogues.get(company).cloned()
    }

    /// All assessments of a company.
    pub fn assessments_of(&self, company: &CompanyId) -> Vec<Assessment> {
        let tables = self.tables();
        let own = tables.assessments.iter().filter(|((owner, _), _)| owner == company);
        own.map(|(_, assessment)| assessment.clone()).collect()
    }

    /// All orders of all companies.
    pub fn orders(&self) -> Vec<Order> {
        self.tables().orders.values().cloned().collect()
    }

    /// All invitations of all companies.
    pub fn invitations(&self) -> Vec<Invitation> {
        self.tables().invitations.values().cloned().collect()
    }

    /// The invitation with this key.
    pub fn invitation_of(&self, key: &InvitationKey) -> Option<Invitation> {
        self.tables().invitations.get(key).cloned()
    }

    /// Stores an integration as it is.
    pub fn insert_integration(&self, integration: Integration) {
        self.tables().integrations.insert(integration.company.clone(), integration);
    }

    /// Stores an assessment as it is.
    pub fn insert_assessment(&self, company: &CompanyId, assessment: Assessment) {
        self.tables().assessments.insert((company.clone(), assessment.id()), assessment);
    }

    /// Stores an order as it is.
    pub fn insert_order(&self, order: Order) {
        self.tables().orders.insert((order.invitation.company.clone(), order.id()), order);
    }

    /// Stores an invitation as it is.
    pub fn insert_invitation(&self, invitation: Invitation) {
        self.tables().invitations.insert(invitation.key.clone(), invitation);
    }

    /// Changes an invitation as somebody else would: its version moves on.
    ///
    /// # Panics
    /// When there is no such invitation.
    pub fn edit_invitation(&self, key: &InvitationKey, edit: impl FnOnce(&mut Invitation)) {
        let mut tables = self.tables();
        let invitation = tables.invitations.get_mut(key).expect("an invitation with this key");
        edit(invitation);
        invitation.version += 1;
    }

    /// Changes an integration as somebody else would: its version moves on.
    ///
    /// # Panics
    /// When the company has none.
    pub fn edit_integration(&self, company: &CompanyId, edit: impl FnOnce(&mut Integration)) {
        let mut tables = self.tables();
        let integration = tables.integrations.get_mut(company).expect("an integration of this company");
        edit(integration);
        integration.version += 1;
    }
}
