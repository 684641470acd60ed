use domain::assessment::Assessment;
use domain::ids::{AssessmentId, CompanyId};
use domain::ports::{Catalogue, CatalogueState, SaveError, StoreError};

use super::{MemoryStore, seen};
use crate::faults::Op;

impl Catalogue for MemoryStore {
    async fn catalogue(&self, company: &CompanyId) -> Result<(Option<CatalogueState>, Vec<Assessment>), StoreError> {
        let exit = self.faults.enter(Op::Catalogue).await?;
        let is_stale = exit.is_stale();
        let found = {
            let tables = self.tables();
            let state = seen(&tables.catalogues, &tables.older.catalogues, is_stale).find(|(of, _)| *of == company);
            let all = seen(&tables.assessments, &tables.older.assessments, is_stale);
            let own = all.filter(|((owner, _), _)| owner == company);
            (state.map(|(_, state)| state.clone()), own.map(|(_, assessment)| assessment.clone()).collect())
        };
        exit.leave().await?;
        Ok(found)
    }

    async fn assessment(&self, company: &CompanyId, id: AssessmentId) -> Result<Option<Assessment>, StoreError> {
        let exit = self.faults.enter(Op::Assessment).await?;
        let is_stale = exit.is_stale();
        let found = {
            let tables = self.tables();
            let mut all = seen(&tables.assessments, &tables.older.assessments, is_stale);
            all.find(|((owner, its), _)| owner == company && *its == id).map(|(_, assessment)| assessment.clone())
        };
        exit.leave().await?;
        Ok(found)
    }

    async fn save_catalogue_state(&self, state: &mut CatalogueState) -> Result<(), SaveError> {
        let exit = self.faults.enter(Op::SaveCatalogueState).await?;
        let next = state.version + 1;
        {
            let mut tables = self.tables();
            let stored = tables.catalogues.get(&state.company).map_or(0, |stored| stored.version);
            if stored != state.version {
                return Err(SaveError::Conflict);
            }
            tables.put_catalogue(CatalogueState { version: next, ..state.clone() });
        }
        exit.leave().await?;
        state.version = next;
        Ok(())
    }

    async fn put_assessments(&self, company: &CompanyId, assessments: &[Assessment]) -> Result<(), StoreError> {
        let exit = self.faults.enter(Op::PutAssessments).await?;
        assessments.iter().for_each(|assessment| self.insert_assessment(company, assessment.clone()));
        Ok(exit.leave().await?)
    }
}
