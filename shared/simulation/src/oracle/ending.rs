//! What must be true once all is quiet: every order has come to its end, and what is shown is what TestGorilla says.

use std::time::Duration;

use domain::assessment::AssessmentStatus;
use domain::ids::AssessmentId;
use domain::integration::Status as IntegrationStatus;
use domain::invitation::Invitation;
use domain::order::Order;
use domain::outcome::Progress;
use domain::ports::Clock;
use domain::report::{Attachment, Status};
use testing::Fakes;
use testing::store::Tables;

use super::store::{is_untold, status_rank};
use super::{CompanyFacts, Oracle, company_id, order_no};
use crate::history::{AssessmentNo, CompanyNo};

/// Why something is not at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) why: String,
    /// Waits for a day by design: for a refused key, or for an order that SmartRecruiters does not know.
    pub(crate) for_a_day: bool,
}

impl Oracle<'_> {
    pub(crate) fn assessment_id(no: AssessmentNo) -> AssessmentId {
        AssessmentId(1_000 * (no.account as u64 + 1) + no.number)
    }

    pub(crate) fn account_no(id: AssessmentId) -> usize {
        usize::try_from(id.0 / 1_000 - 1).expect("an account's number")
    }

    /// The first thing that is not at its end.
    pub(crate) fn open(&self, fakes: &Fakes) -> Option<Open> {
        fakes.store.look(|tables| {
            tables
                .orders
                .values()
                .find_map(|order| self.open_order(fakes, tables, order))
                .or_else(|| (0..self.companies.len()).find_map(|company| self.open_company(fakes, tables, company)))
        })
    }

    fn open_order(&self, fakes: &Fakes, tables: &Tables, order: &Order) -> Option<Open> {
        let no = order_no(order.id());
        let (plan, facts) = (&self.history.orders[no], &self.orders[no]);
        let company = company_id(plan.company);
        let status = tables.integrations.get(&company).map(|integration| &integration.status);
        let is_refused = matches!(status, Some(IntegrationStatus::Active { key_refused_since: Some(_), .. }));
        let open = |why: String| Some(Open { why, for_a_day: is_refused || facts.forgotten });
        if order.closed.is_some() {
            return None;
        }
        let invitation = tables.invitations.get(&order.invitation)?;
        let Some(told) = order.published.as_ref().map(|published| published.status) else {
            return open(format!("order {no} was never told anything; its invitation is {}", describe(invitation)));
        };
        if status_rank(told) == 2 {
            return match is_untold(order) {
                true => open(format!("order {no} lacks its PDF")),
                false => self.stale_result(fakes, order, invitation).and_then(open),
            };
        }
        let record = invitation.state.sent().and_then(|sent| fakes.testgorilla.record(sent.candidature));
        let is_active = matches!(status, Some(IntegrationStatus::Active { .. }));
        let is_over = |account| {
            let assessment = fakes.testgorilla.assessment_of(account, Self::assessment_id(plan.assessment));
            assessment.is_none_or(|(summary, details)| {
                let is_past = details.expires_at.is_some_and(|end| end <= fakes.clock().now());
                is_past || summary.status == AssessmentStatus::Archived
            })
        };
        match record {
            // Who stays away stays: what is shown is true.
            Some(record) if is_active && !record.is_deleted && !is_over(record.account) => {
                let shown = match record.progress {
                    Progress::Invited => Status::Pending,
                    Progress::Started => Status::InProgress,
                    Progress::Completed => Status::Completed,
                };
                let is_shown = told == shown && invitation.due_at.is_some();
                if is_shown { None } else { open(format!("order {no} shows {told:?}, and the candidate is {shown:?}")) }
            }
            _ => open(format!("order {no} shows {told:?}; its invitation is {}", describe(invitation))),
        }
    }

    /// What is shown of a finished candidate differs from what TestGorilla says.
    fn stale_result(&self, fakes: &Fakes, order: &Order, invitation: &Invitation) -> Option<String> {
        let no = order_no(order.id());
        let told = self.orders[no].told.last()?;
        if *told != Status::Completed {
            return None;
        }
        let candidature = invitation.state.sent()?.candidature;
        let record = fakes.testgorilla.record(candidature)?;
        let has_key = |facts: &CompanyFacts| facts.accounts.len() == 1 && !facts.ever_ended;
        // After an end, or in another account, nothing more is read.
        if record.is_deleted || !has_key(&self.companies[self.history.orders[no].company]) || self.orders[no].forgotten
        {
            return None;
        }
        let truth = self.results.get(&candidature).and_then(|results| results.last())?;
        let shown = fakes.smartrecruiters.order(order.id())?.shown?;
        let score = shown.score.map(|score| u64::from(score.value()));
        let tests = shown.tests.first().map(|test| test.score.map(|score| u64::from(score.value())));
        if score != truth.score() || tests.is_some_and(|tests| tests != truth.score()) {
            return Some(format!("order {no} shows {score:?} and {tests:?}, TestGorilla {:?}", truth.score()));
        }
        let webcam = truth.tenths.map(|tenths| if tenths % 2 == 0 { "enabled? Yes" } else { "enabled? No" });
        let summary = shown.summary.clone().unwrap_or_default();
        if webcam.is_some_and(|webcam| !summary.contains(webcam)) {
            return Some(format!("order {no} shows {summary:?}, TestGorilla's flag is {webcam:?}"));
        }
        let page = format!("/{}", candidature);
        let is_page = |one: &Attachment| matches!(one, Attachment::CandidatePage(url) if url.ends_with(&page));
        (!shown.attachments.iter().any(is_page)).then(|| format!("order {no} shows another page"))
    }

    fn open_company(&self, fakes: &Fakes, tables: &Tables, no: CompanyNo) -> Option<Open> {
        let company = company_id(no);
        let integration = tables.integrations.get(&company);
        let open = |why: String| Some(Open { why, for_a_day: false });
        let in_use = integration.and_then(|integration| match &integration.status {
            IntegrationStatus::Active { connection, .. } => Some(connection),
            IntegrationStatus::New | IntegrationStatus::Ended { .. } => None,
        });
        let is_refused = integration.is_some_and(|integration| {
            matches!(integration.status, IntegrationStatus::Active { key_refused_since: Some(_), .. })
        });
        if integration.is_some_and(|integration| integration.attempt.is_some()) {
            return open(format!("company {no} is still being connected"));
        }
        for client in tables.clients.values().filter(|client| client.company == company) {
            if in_use.is_none_or(|in_use| in_use.client != client.id) {
                return open(format!("company {no} has a client that is not in use"));
            }
        }
        // Every secret is named after its client; one that no connection uses is found by whoever looks last.
        let used: Vec<_> = tables.integrations.values().filter_map(|one| one.connection()).collect();
        let is_used = |name: &domain::integration::SecretName| used.iter().any(|connection| connection.secret == *name);
        if let Some(left) = fakes.secrets.names().into_iter().find(|name| !is_used(name)) {
            return open(format!("the secret {left} is not destroyed"));
        }
        let in_use = in_use?;
        if fakes.smartrecruiters.our_pair(&company).is_none() {
            return open(format!("company {no} is disconnected in SmartRecruiters, and connected here"));
        }
        if fakes.secrets.peek(&in_use.secret).is_none() || !tables.clients.contains_key(&in_use.client) {
            return open(format!("company {no} lacks its client or its keys"));
        }
        if is_refused {
            return Some(Open { why: format!("company {no}'s key is refused"), for_a_day: true });
        }
        self.open_catalogue(fakes, tables, no)
    }

    /// What would be listed differs from what TestGorilla has.
    fn open_catalogue(&self, fakes: &Fakes, tables: &Tables, no: CompanyNo) -> Option<Open> {
        let company = company_id(no);
        let integration = tables.integrations.get(&company)?;
        let connection = integration.connection()?;
        let key = fakes.secrets.peek(&connection.secret)?.api_key;
        let (account, refusal) = fakes.testgorilla.key_of(&key)?;
        let (_, first) = self.companies[no].enabled.iter().find(|(key, _)| *key == connection.api_key)?;
        if refusal.is_some() {
            return Some(Open { why: format!("company {no}'s key is refused"), for_a_day: true });
        }
        let now = fakes.clock().now();
        let slack = self.slack + Duration::from_secs(30);
        for event in &self.history.events {
            let crate::history::What::Create { assessment, .. } = event.what else { continue };
            let id = Self::assessment_id(assessment);
            if self.accounts[assessment.account] != account {
                continue;
            }
            let truth = fakes.testgorilla.assessment_of(account, id);
            let Some((summary, details)) = truth else {
                let copy = tables.assessments.get(&(company.clone(), id));
                if copy.is_some_and(|copy| !copy.is_gone) {
                    return Some(Open { why: format!("company {no} still lists {id}"), for_a_day: false });
                }
                continue;
            };
            // Too near to say which came first.
            if summary.created_at + slack > *first && *first + slack > summary.created_at {
                continue;
            }
            let end = details.expires_at;
            if end.is_some_and(|end| {
                end.since(now) < Duration::from_secs(3_600) && now.since(end) < Duration::from_secs(3_600)
            }) {
                continue;
            }
            let wanted = summary.created_at > *first
                && summary.status != AssessmentStatus::Archived
                && !summary.is_empty
                && end.is_none_or(|end| end > now);
            let copy = tables.assessments.get(&(company.clone(), id));
            let is_listed = copy.is_some_and(|copy| {
                let enabled = integration.enabled.iter().find(|one| one.api_key == connection.api_key);
                enabled.is_some_and(|enabled| copy.offered(enabled.at, now).is_ok())
            });
            if wanted != is_listed {
                let why = format!("company {no} lists {id}: {is_listed}, and should: {wanted}");
                return Some(Open { why, for_a_day: false });
            }
        }
        None
    }
}

fn describe(invitation: &Invitation) -> String {
    let due = invitation.due_at.map(|at| at.to_string());
    let error = invitation.last_error.clone().unwrap_or_default();
    format!("{}, due {due:?}, {} failures {error}", invitation.state.code(), invitation.failures)
}
