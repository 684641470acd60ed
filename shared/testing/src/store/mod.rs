//! The truth, in memory.

mod catalogue;
mod index;
mod integrations;
mod ledger;
mod notes;
mod survey;
mod tries;
mod turns;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use domain::assessment::Assessment;
use domain::ids::{ApiKeyHash, AssessmentId, ClientId, CompanyId, InvitationKey, OrderId, RecordId};
use domain::integration::Integration;
use domain::invitation::Invitation;
use domain::order::Order;
use domain::pace::Line;
use domain::ports::{CatalogueState, Client, Run};
use domain::record::Record;
use domain::timestamp::Timestamp;
use domain::tries::{Tried, Window};

use crate::faults::Faults;

/// All that is stored.
#[derive(Debug, Default)]
pub struct Tables {
    /// By company.
    pub integrations: BTreeMap<CompanyId, Integration>,
    /// By their ids.
    pub clients: BTreeMap<ClientId, Client>,
    /// By company.
    pub catalogues: BTreeMap<CompanyId, CatalogueState>,
    /// By company and id.
    pub assessments: BTreeMap<(CompanyId, AssessmentId), Assessment>,
    /// By company and id.
    pub orders: BTreeMap<(CompanyId, OrderId), Order>,
    /// By their keys.
    pub invitations: BTreeMap<InvitationKey, Invitation>,
    /// Counts of tries.
    pub tries: BTreeMap<(Tried, Window), u32>,
    /// Those who want to invite, by key.
    pub lines: BTreeMap<ApiKeyHash, Line>,
    /// The last run of the reconciliation.
    pub run: Option<Run>,
    /// What was done on candidates' requests, by company, time and id.
    pub records: BTreeMap<(CompanyId, Timestamp, RecordId), Record>,
    /// Counts writes.
    pub writes: u64,
    older: Older,
}

/// Every item as it was before it was last written, for reads that are a moment behind.
#[derive(Debug, Default)]
struct Older {
    integrations: BTreeMap<CompanyId, Option<Integration>>,
    catalogues: BTreeMap<CompanyId, Option<CatalogueState>>,
    assessments: BTreeMap<(CompanyId, AssessmentId), Option<Assessment>>,
    invitations: BTreeMap<InvitationKey, Option<Invitation>>,
}

/// Puts an item, and remembers the one that was there.
fn put<K: Ord + Clone, V>(items: &mut BTreeMap<K, V>, older: &mut BTreeMap<K, Option<V>>, key: K, item: V) {
    let before = items.insert(key.clone(), item);
    older.insert(key, before);
}

/// The items as they are, or, to a read that is behind, as they were.
fn seen<'a, K: Ord, V>(
    items: &'a BTreeMap<K, V>,
    older: &'a BTreeMap<K, Option<V>>,
    is_stale: bool,
) -> impl Iterator<Item = (&'a K, &'a V)> {
    items.iter().filter_map(move |(key, item)| match older.get(key).filter(|_| is_stale) {
        Some(before) => before.as_ref().map(|before| (key, before)),
        None => Some((key, item)),
    })
}

impl Tables {
    fn put_integration(&mut self, integration: Integration) {
        self.writes += 1;
        put(&mut self.integrations, &mut self.older.integrations, integration.company.clone(), integration);
    }

    fn put_catalogue(&mut self, state: CatalogueState) {
        self.writes += 1;
        put(&mut self.catalogues, &mut self.older.catalogues, state.company.clone(), state);
    }

    fn put_assessment(&mut self, company: &CompanyId, assessment: Assessment) {
        self.writes += 1;
        let place = (company.clone(), assessment.id());
        put(&mut self.assessments, &mut self.older.assessments, place, assessment);
    }

    fn put_order(&mut self, order: Order) {
        self.writes += 1;
        self.orders.insert((order.invitation.company.clone(), order.id()), order);
    }

    fn put_invitation(&mut self, invitation: Invitation) {
        self.writes += 1;
        put(&mut self.invitations, &mut self.older.invitations, invitation.key.clone(), invitation);
    }
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

    /// Looks at all that is stored, as it is.
    pub fn look<R>(&self, look: impl FnOnce(&Tables) -> R) -> R {
        look(&self.tables())
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
        self.tables().put_integration(integration);
    }

    /// Stores an assessment as it is.
    pub fn insert_assessment(&self, company: &CompanyId, assessment: Assessment) {
        self.tables().put_assessment(company, assessment);
    }

    /// Stores an order as it is.
    pub fn insert_order(&self, order: Order) {
        self.tables().put_order(order);
    }

    /// Stores an invitation as it is.
    pub fn insert_invitation(&self, invitation: Invitation) {
        self.tables().put_invitation(invitation);
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
