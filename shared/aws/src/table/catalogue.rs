use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use domain::assessment::Assessment;
use domain::ids::{AssessmentId, CompanyId};
use domain::ports::{Catalogue, CatalogueState, SaveError, StoreError};

use super::query::text;
use super::{Table, pause};
use crate::failure::Failure;
use crate::items::{ASSESSMENT, CATALOGUE, CompanyAssessment, Key, decode, encode};

/// Most items that one `BatchWriteItem` takes.
const BATCH: usize = 25;
/// How often what DynamoDB left over is sent again.
const TRIES: u32 = 5;

impl Catalogue for Table {
    async fn catalogue(&self, company: &CompanyId) -> Result<(Option<CatalogueState>, Vec<Assessment>), StoreError> {
        // The state's sort key follows those of the assessments: one range holds both.
        let query = self
            .client()
            .query()
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", text(Key::partition(company)))
            .expression_attribute_values(":first", text(ASSESSMENT))
            .expression_attribute_values(":last", text(CATALOGUE));
        let mut state = None;
        let mut assessments = vec![];
        for item in self.pages(query).await? {
            match Key::read(&item) {
                Some(key) if key.sk == CATALOGUE => state = Some(decode(item)?),
                _ => assessments.push(decode::<CompanyAssessment>(item)?.assessment),
            }
        }
        // Sort keys are texts: there 10 comes before 9.
        assessments.sort_by_key(Assessment::id);
        Ok((state, assessments))
    }

    async fn assessment(&self, company: &CompanyId, id: AssessmentId) -> Result<Option<Assessment>, StoreError> {
        let found = self.get::<CompanyAssessment>(Key::assessment(company, id), false).await?;
        Ok(found.map(|found| found.assessment))
    }

    async fn save_catalogue_state(&self, state: &mut CatalogueState) -> Result<(), SaveError> {
        state.version = self.save(state).await?;
        Ok(())
    }

    async fn put_assessments(&self, company: &CompanyId, assessments: &[Assessment]) -> Result<(), StoreError> {
        for batch in assessments.chunks(BATCH) {
            let requests = batch.iter().map(|assessment| put_request(company, assessment)).collect::<Result<_, _>>()?;
            self.write(requests).await?;
        }
        Ok(())
    }
}

fn put_request(company: &CompanyId, assessment: &Assessment) -> Result<WriteRequest, StoreError> {
    let entity = CompanyAssessment { company: company.clone(), assessment: assessment.clone() };
    let put = PutRequest::builder().set_item(Some(encode(&entity, None)?)).build();
    let put = put.map_err(|error| Failure::of("BatchWriteItem", error.to_string(), false))?;
    Ok(WriteRequest::builder().put_request(put).build())
}

impl Table {
    /// Writes up to [`BATCH`] items: one `BatchWriteItem`, and more for what DynamoDB leaves over when it is short of capacity.
    async fn write(&self, mut requests: Vec<WriteRequest>) -> Result<(), StoreError> {
        for attempt in 0..TRIES {
            let request = self.client().batch_write_item().request_items(&self.name, requests);
            let answer = request.send().await.map_err(|error| Failure::new("BatchWriteItem", &error))?;
            requests = answer.unprocessed_items.unwrap_or_default().remove(&self.name).unwrap_or_default();
            if requests.is_empty() {
                return Ok(());
            }
            pause(attempt).await;
        }
        Err(Failure::of("BatchWriteItem", format!("{} items were left over", requests.len()), true).into())
    }
}
