//! `POST /assessment-api/v202010/orders/{orderId}/results/attachment`, and the files that were attached.

use std::sync::Arc;

use axum::extract::{Multipart, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;

use super::SmartRecruiters;
use super::gate::{Caller, refuse};
use super::order::Attachment;
use super::results::order_of;
use super::state::{SCOPE_RESULTS, StoredFile};
use crate::ids;

pub(super) async fn add(
    State(smartrecruiters): State<Arc<SmartRecruiters>>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    multipart: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Response {
    let company = match caller.require_customer(SCOPE_RESULTS) {
        Ok(company) => company,
        Err(refusal) => return *refusal,
    };
    let inline = match order_of(&mut smartrecruiters.state(), &id, company) {
        Ok(order) => order.inline,
        Err(refusal) => return *refusal,
    };
    if inline {
        return refuse(StatusCode::FORBIDDEN, "ACCESS_DENIED", "An inline order has no attachments.");
    }
    let file = match multipart {
        Ok(multipart) => file(multipart).await,
        Err(_) => None,
    };
    let Some((name, file)) = file else {
        return refuse(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "There is no part called file.");
    };
    let mut state = smartrecruiters.state();
    let file_id = ids::uuid();
    let url = format!("{}/files/{file_id}", state.base);
    let attachment =
        Attachment { url: url.clone(), name, content_type: file.content_type.clone(), size: file.bytes.len() };
    match order_of(&mut state, &id, company) {
        Ok(order) => order.attachments.push(attachment),
        Err(refusal) => return *refusal,
    }
    state.files.insert(file_id, file);
    (StatusCode::CREATED, Json(json!({"url": url}))).into_response()
}

/// Name and content of the part called `file`.
async fn file(mut multipart: Multipart) -> Option<(String, StoredFile)> {
    while let Ok(Some(field)) = multipart.next_field().await {
        if field.name() == Some("file") {
            let name = field.file_name().unwrap_or_default().to_owned();
            let content_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
            let bytes = field.bytes().await.ok().filter(|bytes| !bytes.is_empty())?;
            return Some((name, StoredFile { content_type, bytes }));
        }
    }
    None
}

/// A file, for whoever has its address.
pub(super) async fn read(State(smartrecruiters): State<Arc<SmartRecruiters>>, Path(id): Path<String>) -> Response {
    match smartrecruiters.state().files.get(&id) {
        Some(file) => ([(header::CONTENT_TYPE, file.content_type.clone())], file.bytes.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
