use domain::ids::{ApiKeyHash, CandidatureId, CompanyId, InvitationKey};
use domain::ports::{Due, DueWork, Lookup, OpenInvitations, OpenWork, StoreError};
use domain::timestamp::Timestamp;

use super::{MemoryStore, Tables};
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
    fn all_due(&self) -> impl Iterator<Item = (Timestamp, Due)> {
        let invitations = self.invitations.values().map(|one| (one.due_at, Due::Invitation(one.key.clone())));
        let integrations = self.integrations.values().map(|one| (one.due_at, Due::Integration(one.company.clone())));
        let catalogues = self.catalogues.values().map(|one| (one.due_at, Due::Catalogue(one.company.clone())));
        invitations.chain(integrations).chain(catalogues).filter_map(|(at, due)| Some((at?, due)))
    }
}

impl OpenWork for MemoryStore {
    async fn open_invitations(
        &self,
        company: &CompanyId,
        now: Timestamp,
        limit: usize,
    ) -> Result<OpenInvitations, StoreError> {
        let exit = self.faults.enter(Op::OpenInvitations).await?;
        let mut keys: Vec<InvitationKey> = {
            let tables = self.tables();
            let own = tables.invitations.values().filter(|one| one.key.company == *company);
            let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
            own.filter(|one| !one.state.is_final() || is_due(one.due_at)).map(|one| one.key.clone()).collect()
        };
        exit.leave().await?;
        let has_more = keys.len() > limit;
        keys.truncate(limit);
        Ok(OpenInvitations { keys, has_more })
    }
}

impl DueWork for MemoryStore {
    const SHARDS: u32 = 4;

    async fn due(&self, shard: u32, now: Timestamp, limit: usize) -> Result<Vec<(Timestamp, Due)>, StoreError> {
        let exit = self.faults.enter(Op::Due).await?;
        let is_wanted = |(at, due): &(Timestamp, Due)| *at <= now && shard_of(due, Self::SHARDS) == shard;
        let mut found: Vec<_> = self.tables().all_due().filter(is_wanted).collect();
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
            let own = tables.invitations.values().filter(|one| with(one.state) == Some(candidature));
            own.map(|one| one.key.clone()).collect()
        };
        exit.leave().await?;
        Ok(found)
    }

    async fn companies_with(&self, api_key: &ApiKeyHash) -> Result<Vec<CompanyId>, StoreError> {
        let exit = self.faults.enter(Op::CompaniesWith).await?;
        let found: Vec<_> = {
            let tables = self.tables();
            let own = tables.integrations.values();
            own.filter(|one| one.connection().is_some_and(|connection| connection.api_key == *api_key))
                .map(|one| one.company.clone())
                .collect()
        };
        exit.leave().await?;
        Ok(found)
    }
}
