//! SmartRecruiters, played honestly in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use domain::candidate::Candidate;
use domain::ids::{CompanyId, OrderId};
use domain::order::ResultUrl;
use domain::ports::{PartnerConfiguration, SetUpError, SmartRecruiters, SmartRecruitersError};
use domain::registration::Registration;
use domain::report::{Attachment, OrderReport, Status};
use domain::sensitive::{ClientCredentials, Personal, Secret};
use url::Url;

use crate::faults::{Faults, Op};

/// An order as SmartRecruiters shows it: everything published so far, merged.
#[derive(Debug, Clone)]
pub struct SeenOrder {
    /// Whose it is.
    pub company: CompanyId,
    /// The last report, with what earlier ones said and later ones left as it was; `None` before the first.
    pub shown: Option<OrderReport>,
    /// Each status it was given, repetitions left out.
    pub history: Vec<Status>,
    /// Each report as it came.
    pub reports: Vec<OrderReport>,
    /// The PDFs stored with it.
    pub pdfs: Vec<Vec<u8>>,
}

/// A report that SmartRecruiters took, or one for another company's order, which it did not take.
#[derive(Debug, Clone)]
pub struct Told {
    /// Whose credentials came with it.
    pub company: CompanyId,
    /// Which order it was for.
    pub order: OrderId,
    /// What it said; `None` for a PDF.
    pub report: Option<OrderReport>,
    /// Whether the order is the company's.
    pub is_own: bool,
}

#[derive(Debug, Clone)]
struct Pair {
    ours: ClientCredentials,
    theirs: ClientCredentials,
}

#[derive(Debug, Default)]
struct State {
    consented: BTreeSet<CompanyId>,
    integrated: BTreeMap<CompanyId, Pair>,
    orders: BTreeMap<OrderId, SeenOrder>,
    candidates: BTreeMap<(CompanyId, String), Candidate>,
    issued: u64,
    master: Option<ClientCredentials>,
    told: Vec<Told>,
    registration: Option<Registration>,
}

/// The fake. Its master credentials are those of [`crate::secrets::MemorySecrets::new`]. Clones are the same SmartRecruiters.
#[derive(Debug, Clone)]
pub struct FakeSmartRecruiters {
    state: Arc<Mutex<State>>,
    faults: Faults,
}

impl FakeSmartRecruiters {
    /// A SmartRecruiters without companies.
    pub fn new(faults: &Faults) -> Self {
        Self { state: Arc::default(), faults: faults.clone() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds SmartRecruiters")
    }

    /// An admin of the company presses "Allow and continue".
    pub fn consent(&self, company: &CompanyId) {
        self.state().consented.insert(company.clone());
    }

    /// Connects a company past the port, and returns the pair that its orders are published with.
    pub fn connect(&self, company: &CompanyId, ours: ClientCredentials) -> ClientCredentials {
        self.consent(company);
        self.state().integrate(company, ours)
    }

    /// An admin of the company presses "Disconnect": its credentials are taken no more.
    pub fn disconnect(&self, company: &CompanyId) {
        let mut state = self.state();
        state.consented.remove(company);
        state.integrated.remove(company);
    }

    /// From now on no other master credentials are taken.
    pub fn set_master(&self, master: ClientCredentials) {
        self.state().master = Some(master);
    }

    /// Gives a connected company's integration a new pair to publish with; the former is taken no more.
    pub fn rotate(&self, company: &CompanyId) -> Option<ClientCredentials> {
        let mut state = self.state();
        let ours = state.integrated.get(company)?.ours.clone();
        Some(state.integrate(company, ours))
    }

    /// Whose credentials these are.
    pub fn company_of(&self, credentials: &ClientCredentials) -> Option<CompanyId> {
        self.state().company(credentials).ok()
    }

    /// What was told since the last look.
    pub fn take_told(&self) -> Vec<Told> {
        std::mem::take(&mut self.state().told)
    }

    /// The pair that SmartRecruiters would use at our token endpoint.
    pub fn our_pair(&self, company: &CompanyId) -> Option<ClientCredentials> {
        self.state().integrated.get(company).map(|pair| pair.ours.clone())
    }

    /// Creates an order; only such are published to.
    pub fn create_order(&self, company: &CompanyId, url: &ResultUrl) {
        let order = SeenOrder { company: company.clone(), shown: None, history: vec![], reports: vec![], pdfs: vec![] };
        self.state().orders.insert(url.order(), order);
    }

    /// Forgets an order.
    pub fn delete_order(&self, order: OrderId) {
        self.state().orders.remove(&order);
    }

    /// An order as it is shown.
    pub fn order(&self, order: OrderId) -> Option<SeenOrder> {
        self.state().orders.get(&order).cloned()
    }

    /// Creates or replaces a candidate of a company.
    pub fn put_candidate(&self, company: &CompanyId, id: &str, candidate: Candidate) {
        self.state().candidates.insert((company.clone(), id.to_owned()), candidate);
    }
}

impl State {
    fn integrate(&mut self, company: &CompanyId, ours: ClientCredentials) -> ClientCredentials {
        self.issued += 1;
        let theirs = ClientCredentials {
            client_id: format!("smartrecruiters-{}", self.issued),
            client_secret: Secret::new(format!("smartrecruiters-secret-{}", self.issued)),
        };
        self.integrated.insert(company.clone(), Pair { ours, theirs: theirs.clone() });
        theirs
    }

    fn is_master(&self, pair: &ClientCredentials) -> bool {
        match &self.master {
            Some(current) => current == pair,
            None => pair.client_id == "master" && pair.client_secret == Secret::new("master-secret"),
        }
    }

    fn set_up(
        &mut self,
        master: &ClientCredentials,
        company: &CompanyId,
        ours: &ClientCredentials,
    ) -> Result<ClientCredentials, SetUpError> {
        if !self.is_master(master) {
            return Err(SetUpError::SmartRecruiters(SmartRecruitersError::CredentialsRefused));
        }
        if !self.consented.contains(company) {
            return Err(SetUpError::NotConsented);
        }
        if self.integrated.contains_key(company) {
            return Err(SetUpError::AlreadyIntegrated);
        }
        Ok(self.integrate(company, ours.clone()))
    }

    fn company(&self, credentials: &ClientCredentials) -> Result<CompanyId, SmartRecruitersError> {
        let found = self.integrated.iter().find(|(_, pair)| pair.theirs == *credentials);
        found.map(|(company, _)| company.clone()).ok_or(SmartRecruitersError::CredentialsRefused)
    }

    fn order_of(
        &mut self,
        credentials: &ClientCredentials,
        url: &ResultUrl,
        report: Option<&OrderReport>,
    ) -> Result<&mut SeenOrder, SmartRecruitersError> {
        let company = self.company(credentials)?;
        if let Some(order) = self.orders.get(&url.order()) {
            let is_own = order.company == company;
            let (company, order, report) = (company.clone(), url.order(), report.cloned());
            self.told.push(Told { company, order, report, is_own });
        }
        let order = self.orders.get_mut(&url.order()).filter(|order| order.company == company);
        order.ok_or(SmartRecruitersError::NotFound)
    }
}

impl SeenOrder {
    /// RFC 7396: what is absent stays, a removed score goes, lists are replaced whole.
    fn merge(&mut self, report: &OrderReport) {
        if self.history.last() != Some(&report.status) {
            self.history.push(report.status);
        }
        self.reports.push(report.clone());
        let mut merged = report.clone();
        if let Some(shown) = self.shown.take() {
            merged.score = report.score.or(if report.remove_score { None } else { shown.score });
            merged.summary = merged.summary.or(shown.summary);
            merged.name = merged.name.or(shown.name);
            merged.sent_at = merged.sent_at.or(shown.sent_at);
            merged.submitted_at = merged.submitted_at.or(shown.submitted_at);
            if merged.attachments.is_empty() {
                merged.attachments = shown.attachments;
            }
            if merged.tests.is_empty() {
                merged.tests = shown.tests;
            }
        }
        merged.remove_score = false;
        self.shown = Some(merged);
    }

    /// The address of its candidate page, when it shows one.
    pub fn candidate_page(&self) -> Option<&str> {
        self.shown.as_ref()?.attachments.iter().find_map(|attachment| match attachment {
            Attachment::CandidatePage(url) => Some(url.as_str()),
            Attachment::Pdf(_) => None,
        })
    }
}

impl SmartRecruiters for FakeSmartRecruiters {
    async fn set_up_integration(
        &self,
        master: &ClientCredentials,
        company: &CompanyId,
        ours: &ClientCredentials,
    ) -> Result<ClientCredentials, SetUpError> {
        let exit = self.faults.enter(Op::SetUpIntegration).await?;
        let theirs = self.state().set_up(master, company, ours)?;
        exit.leave().await?;
        Ok(theirs)
    }

    async fn publish(
        &self,
        credentials: &ClientCredentials,
        url: &ResultUrl,
        report: &OrderReport,
    ) -> Result<(), SmartRecruitersError> {
        let exit = self.faults.enter(Op::Publish).await?;
        self.state().order_of(credentials, url, Some(report))?.merge(report);
        Ok(exit.leave().await?)
    }

    async fn attach(
        &self,
        credentials: &ClientCredentials,
        url: &ResultUrl,
        pdf: Vec<u8>,
    ) -> Result<Url, SmartRecruitersError> {
        let exit = self.faults.enter(Op::Attach).await?;
        let number = {
            let mut state = self.state();
            let order = state.order_of(credentials, url, None)?;
            order.pdfs.push(pdf);
            order.pdfs.len()
        };
        exit.leave().await?;
        let address = format!("https://api.smartrecruiters.com/attachments/{}/{number}", url.order());
        Ok(Url::parse(&address).expect("an address"))
    }

    async fn candidate(
        &self,
        credentials: &ClientCredentials,
        id: &Personal<String>,
    ) -> Result<Candidate, SmartRecruitersError> {
        let exit = self.faults.enter(Op::Candidate).await?;
        let found = {
            let state = self.state();
            let company = state.company(credentials)?;
            state.candidates.get(&(company, id.reveal().clone())).cloned()
        };
        exit.leave().await?;
        found.ok_or(SmartRecruitersError::NotFound)
    }
}

impl PartnerConfiguration for FakeSmartRecruiters {
    async fn registration(&self, master: &ClientCredentials) -> Result<Option<Registration>, SmartRecruitersError> {
        let exit = self.faults.enter(Op::Registration).await?;
        let found = {
            let state = self.state();
            if state.is_master(master) {
                Ok(state.registration.clone())
            } else {
                Err(SmartRecruitersError::CredentialsRefused)
            }
        };
        exit.leave().await?;
        found
    }

    async fn register(
        &self,
        master: &ClientCredentials,
        registration: &Registration,
    ) -> Result<(), SmartRecruitersError> {
        let exit = self.faults.enter(Op::Register).await?;
        {
            let mut state = self.state();
            if !state.is_master(master) {
                return Err(SmartRecruitersError::CredentialsRefused);
            }
            state.registration = Some(registration.clone());
        }
        Ok(exit.leave().await?)
    }
}
