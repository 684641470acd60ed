//! What is true of the store at every moment.

use std::time::Duration;

use domain::ids::InvitationKey;
use domain::integration::{Integration, Status as IntegrationStatus};
use domain::invitation::{Invitation, State};
use domain::order::{Closed, Order, Report};
use domain::report::Status;
use domain::timestamp::Timestamp;
use testing::store::{MemoryStore, Tables};

use super::{Oracle, Shadow};

const fn rank(state: &State) -> u8 {
    match state {
        State::Scheduled => 0,
        State::Sent(_) => 1,
        State::Started(_) => 2,
        State::Completed(_) | State::Refused(_) | State::Expired(..) | State::Withdrawn => 3,
    }
}

const fn candidature(state: &State) -> Option<domain::ids::CandidatureId> {
    match state {
        State::Sent(sent) | State::Started(sent) | State::Completed(sent) | State::Expired(sent, _) => {
            Some(sent.candidature)
        }
        State::Scheduled | State::Refused(_) | State::Withdrawn => None,
    }
}

pub(super) const fn status_rank(status: Status) -> u8 {
    match status {
        Status::Pending => 0,
        Status::InProgress => 1,
        Status::Completed | Status::Rejected | Status::Expired => 2,
    }
}

/// Whether SmartRecruiters is still to be told something about an order.
pub(super) fn is_untold(order: &Order) -> bool {
    let status = order.published.as_ref().map(|published| published.status);
    let is_final = status.is_some_and(|status| status_rank(status) == 2);
    let lacks_report = status == Some(Status::Completed) && matches!(order.report, Report::Missing { .. });
    order.closed.is_none() && (!is_final || lacks_report)
}

impl Oracle<'_> {
    /// Looks at the store after a step, when something was written.
    pub(crate) fn look_at(&mut self, store: &MemoryStore, now: Timestamp) {
        store.look(|tables| {
            if tables.writes != self.seen_writes {
                self.seen_writes = tables.writes;
                tables.invitations.values().for_each(|one| self.look_at_invitation(tables, one));
                tables.orders.values().for_each(|one| self.look_at_order(one, now));
                tables.integrations.values().for_each(|one| self.look_at_integration(one, now));
            }
        });
    }

    fn look_at_invitation(&mut self, tables: &Tables, invitation: &Invitation) {
        let key = &invitation.key;
        let state = &invitation.state;
        if rank(state) < 3 && invitation.due_at.is_none() {
            self.fail("what is open is due", || format!("invitation {key} is {} and not due", state.code()));
        }
        for id in &invitation.orders {
            match tables.orders.get(&(key.company.clone(), *id)) {
                None => self.fail("an order and its invitation are stored together", || format!("{key} lacks {id}")),
                Some(order) if order.invitation != *key => {
                    self.fail("an order has one invitation", || format!("{id} is in {key} and {}", order.invitation));
                }
                Some(order) if is_untold(order) && invitation.due_at.is_none() => {
                    self.fail("what is open is due", || format!("{id} is not told its end, and {key} is not due"));
                }
                Some(_) => {}
            }
        }
        self.compare_invitation(key, invitation);
    }

    fn compare_invitation(&mut self, key: &InvitationKey, invitation: &Invitation) {
        let now = Shadow {
            rank: rank(&invitation.state),
            name: invitation.state.code(),
            candidature: candidature(&invitation.state),
            orders: invitation.orders.len(),
            is_erased: invitation.candidate.is_none(),
        };
        self.noted.extend(now.candidature.map(|candidature| (key.company.clone(), candidature)));
        let Some(before) = self.shadows.get(key).cloned() else {
            self.shadows.insert(key.clone(), now);
            return;
        };
        let is_retried = now.rank == 0 && matches!(before.name, "refused" | "withdrawn") && now.orders > before.orders;
        if !(now.rank > before.rank || now.name == before.name || is_retried) {
            self.fail("an invitation moves forward", || format!("{key} went from {} to {}", before.name, now.name));
        }
        if before.candidature.is_some() && now.candidature != before.candidature {
            self.fail("an invitation keeps its candidature", || format!("{key}: {:?}", now.candidature));
        }
        if now.orders < before.orders {
            self.fail("an order stays with its invitation", || format!("{key} lost an order"));
        }
        if before.is_erased && !now.is_erased && !is_retried {
            self.fail("what is erased stays erased", || key.to_string());
        }
        if now.is_erased && !before.is_erased {
            self.erased += 1;
            if now.rank == 0 {
                self.fail("what is to be sent is not erased", || key.to_string());
            }
        }
        self.shadows.insert(key.clone(), now);
    }

    fn look_at_order(&mut self, order: &Order, now: Timestamp) {
        let id = order.id();
        if order.invitation.company != super::company_id(self.history.orders[super::order_no(id)].company) {
            self.fail("no company has another's order", || id.to_string());
        }
        let has_ended = self.companies[self.company_no(&order.invitation.company)].ever_ended;
        // SmartRecruiters may know an order late: it is waited for for a day.
        let is_early = now.since(order.accepted_at) + self.slack < Duration::from_secs(24 * 3_600);
        let is_forgotten = self.orders[super::order_no(id)].forgotten;
        match order.closed {
            Some(Closed::UnknownOrder) if is_early && !has_ended && !is_forgotten => {
                self.fail("an order is not given up within a day", || id.to_string());
            }
            Some(Closed::IntegrationEnded) if !has_ended => {
                self.fail("only an integration that has ended closes its orders", || id.to_string());
            }
            _ => {}
        }
        let Some(published) = &order.published else { return };
        match self.told.insert(id, published.status) {
            Some(before)
                if !self.claims_may_fail()
                    && before != published.status
                    && status_rank(before) >= status_rank(published.status) =>
            {
                self.fail("a status never goes backwards", || format!("{id}: {before:?}, then {:?}", published.status));
            }
            _ => {}
        }
    }

    fn look_at_integration(&mut self, integration: &Integration, now: Timestamp) {
        let company = self.company_no(&integration.company);
        let salt = *self.companies[company].salt.get_or_insert(integration.salt);
        if salt != integration.salt {
            self.fail("the salt stays", || format!("company {company}"));
        }
        let is_refused = matches!(integration.status, IntegrationStatus::Active { key_refused_since: Some(_), .. });
        let has_remains = matches!(integration.status, IntegrationStatus::Ended { remains: Some(_), .. });
        let is_unfinished = integration.attempt.is_some() || !integration.replaced.is_empty();
        if (is_refused || has_remains || is_unfinished) && integration.due_at.is_none() {
            self.fail("what is open is due", || format!("integration of company {company}: {integration:?}"));
        }
        match &integration.status {
            IntegrationStatus::Active { connection, .. } => {
                let facts = &mut self.companies[company];
                facts.ended = None;
                if !facts.enabled.iter().any(|(key, _)| *key == connection.api_key) {
                    facts.enabled.push((connection.api_key.clone(), now));
                }
                let known = integration.enabled.iter().find(|enabled| enabled.api_key == connection.api_key);
                let first = facts.enabled.iter().find(|(key, _)| *key == connection.api_key).map(|(_, at)| *at);
                let apart = |at: Timestamp, first: Timestamp| at.since(first).max(first.since(at));
                let slack = self.slack + std::time::Duration::from_secs(30);
                match (known, first) {
                    (Some(known), Some(first)) if apart(known.at, first) <= slack => {}
                    _ => self.fail("the same key keeps its first date", || format!("company {company}: {known:?}")),
                }
            }
            IntegrationStatus::Ended { .. } => self.companies[company].ever_ended = true,
            IntegrationStatus::New => {}
        }
    }
}
