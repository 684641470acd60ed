use domain::ids::{ApiKeyHash, CandidatureId, CompanyId, InvitationKey};
use domain::invitation::Invitation;
use domain::ports::{Cursor, Due, DueWork, Lookup, OpenWork, Part, PersonalData, StoreError};
use domain::timestamp::Timestamp;

use super::{MemoryStore, Tables, seen};
use crate::faults::Op;

/// The shard of something: any stable choice will do.
fn shard_of(due: &Due, shards: u32) -> u32 {
    let name = match due {
        Due::Invitation(key) => key.to_string(),
        Due::Integration(company) | Due::Catalogue(company) => company.to_string(),
    };
    name.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % shards
}

impl Tables {
    /// What was due at a time, in any order, past the index's own delay or not.
    fn all_due(&self, now: Timestamp, is_stale: bool) -> impl Iterator<Item = (Timestamp, Due)> {
        let due = move |at: Option<Timestamp>| at.filter(|at| *at <= now);
        let invitations = seen(&self.invitations, &self.older.invitations, is_stale)
            .filter_map(move |(key, one)| Some((due(one.due_at)?, Due::Invitation(key.clone()))));
        let integrations = seen(&self.integrations, &self.older.integrations, is_stale)
            .filter_map(move |(company, one)| Some((due(one.due_at)?, Due::Integration(company.clone()))));
        let catalogues = seen(&self.catalogues, &self.older.catalogues, is_stale)
            .filter_map(move |(company, one)| Some((due(one.due_at)?, Due::Catalogue(company.clone()))));
        invitations.chain(integrations).chain(catalogues)
    }
}

impl OpenWork for MemoryStore {
    async fn open_invitations(
        &self,
        company: &CompanyId,
        now: Timestamp,
        from: Option<&Cursor>,
    ) -> Result<Part<InvitationKey>, StoreError> {
        let exit = self.faults.enter(Op::OpenInvitations).await?;
        let part = part_of(&self.tables(), company, from);
        exit.leave().await?;
        let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let open = part.items.into_iter().filter(|one| !one.state.is_final() || is_due(one.due_at));
        Ok(Part { items: open.map(|one| one.key).collect(), next: part.next })
    }
}

/// Invitations in one part: few, so that there is more than one part.
const PART: usize = 2;

/// A part of a company's invitations, in the order of their keys.
fn part_of(tables: &Tables, company: &CompanyId, from: Option<&Cursor>) -> Part<Invitation> {
    let all = tables.invitations.values().filter(|one| one.key.company == *company);
    let mut own: Vec<_> = all.map(|one| (one.key.to_string(), one)).collect();
    own.sort_by(|(one, _), (other, _)| one.cmp(other));
    own.retain(|(key, _)| from.is_none_or(|from| *key > from.0));
    let next = (own.len() > PART).then(|| Cursor(own[PART - 1].0.clone()));
    own.truncate(PART);
    Part { items: own.into_iter().map(|(_, one)| one.clone()).collect(), next }
}

impl PersonalData for MemoryStore {
    async fn with_personal_data(
        &self,
        company: &CompanyId,
        from: Option<&Cursor>,
    ) -> Result<Part<Invitation>, StoreError> {
        let exit = self.faults.enter(Op::WithPersonalData).await?;
        let mut part = part_of(&self.tables(), company, from);
        exit.leave().await?;
        part.items.retain(|one| one.candidate.is_some());
        Ok(part)
    }
}

impl DueWork for MemoryStore {
    const SHARDS: u32 = 4;

    async fn due(&self, shard: u32, now: Timestamp, limit: usize) -> Result<Vec<(Timestamp, Due)>, StoreError> {
        let exit = self.faults.enter(Op::Due).await?;
        let is_wanted = |(_, due): &(Timestamp, Due)| shard_of(due, Self::SHARDS) == shard;
        let mut found: Vec<_> = self.tables().all_due(now, exit.is_stale()).filter(is_wanted).collect();
        exit.leave().await?;
        found.sort_by_key(|(at, _)| *at);
        found.truncate(limit);
        Ok(found)
    }
}

impl Lookup for MemoryStore {
    async fn invitations_of(&self, candidature: CandidatureId) -> Result<Vec<InvitationKey>, StoreError> {
        let exit = self.faults.enter(Op::InvitationsOf).await?;
        let found: Vec<_> = {
            let tables = self.tables();
            let with = |state: domain::invitation::State| state.sent().map(|sent| sent.candidature);
            let all = seen(&tables.invitations, &tables.older.invitations, exit.is_stale());
            all.filter(|(_, one)| with(one.state) == Some(candidature)).map(|(key, _)| key.clone()).collect()
        };
        exit.leave().await?;
        Ok(found)
    }

    async fn companies_with(&self, api_key: &ApiKeyHash) -> Result<Vec<CompanyId>, StoreError> {
        let exit = self.faults.enter(Op::CompaniesWith).await?;
        let found: Vec<_> = {
            let tables = self.tables();
            let all = seen(&tables.integrations, &tables.older.integrations, exit.is_stale());
            all.filter(|(_, one)| one.connection().is_some_and(|connection| connection.api_key == *api_key))
                .map(|(company, _)| company.clone())
                .collect()
        };
        exit.leave().await?;
        Ok(found)
    }
}
