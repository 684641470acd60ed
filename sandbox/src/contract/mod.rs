//! The contracts as data: which operation a request belongs to, and whether request and answer keep to it.
//!
//! The three documents are read as they are; nothing of them is restated in code.

mod check;
mod formats;
mod schema;

use axum::http::Method;
use percent_encoding::percent_decode_str;
use serde_json::Value;

pub(crate) use check::{Request, Response, media_type};
pub(crate) use formats::is_email;
pub(crate) use schema::{Mode, Schemas};

/// What this product calls at TestGorilla.
const TESTGORILLA: &str = include_str!("../../contracts/testgorilla.openapi.yaml");
/// What this product calls at SmartRecruiters.
const SMARTRECRUITERS_API: &str = include_str!("../../contracts/smartrecruiters-api.openapi.yaml");
/// What this product serves to SmartRecruiters.
const SMARTRECRUITERS: &str = include_str!("../../contracts/smartrecruiters.openapi.yaml");

/// A contract that cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContractError {
    /// The document is no YAML.
    #[error("the contract is no YAML: {0}")]
    Yaml(#[from] serde_saphyr::Error),
    /// The document lacks a part that every OpenAPI document has.
    #[error("the contract has no {0}")]
    Missing(&'static str),
}

/// One OpenAPI document.
#[derive(Debug)]
pub(crate) struct Contract {
    document: Value,
    operations: Vec<Operation>,
}

/// One operation: a method on a path.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The contract's `operationId`.
    pub(crate) id: String,
    method: Method,
    segments: Vec<Segment>,
    /// The operation's object in the document.
    value: Value,
}

/// Part of a path between two slashes.
#[derive(Debug)]
enum Segment {
    Literal(String),
    Parameter(String),
}

/// An operation with the values of its path's parameters.
#[derive(Debug)]
pub(crate) struct Match<'a> {
    /// The operation.
    pub(crate) operation: &'a Operation,
    /// Parameter and value, decoded.
    pub(crate) parameters: Vec<(&'a str, String)>,
}

impl Match<'_> {
    /// The value of a parameter of the path.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
}

impl Contract {
    /// What this product calls at TestGorilla.
    ///
    /// # Errors
    /// See [`ContractError`].
    pub(crate) fn testgorilla() -> Result<Self, ContractError> {
        Self::parse(TESTGORILLA)
    }

    /// What this product calls at SmartRecruiters.
    ///
    /// # Errors
    /// See [`ContractError`].
    pub(crate) fn smartrecruiters_api() -> Result<Self, ContractError> {
        Self::parse(SMARTRECRUITERS_API)
    }

    /// What this product serves to SmartRecruiters.
    ///
    /// # Errors
    /// See [`ContractError`].
    pub(crate) fn product() -> Result<Self, ContractError> {
        Self::parse(SMARTRECRUITERS)
    }

    fn parse(yaml: &str) -> Result<Self, ContractError> {
        let document: Value = serde_saphyr::from_str(yaml)?;
        let paths = document.get("paths").and_then(Value::as_object).ok_or(ContractError::Missing("paths"))?;
        let mut operations = Vec::new();
        for (path, methods) in paths {
            for (method, value) in methods.as_object().into_iter().flatten() {
                let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
                let id = value.get("operationId").and_then(Value::as_str);
                let id = id.ok_or(ContractError::Missing("operationId"))?.to_owned();
                operations.push(Operation { id, method, segments: segments(path), value: value.clone() });
            }
        }
        // "/assessments/candidature/" is not an assessment called "candidature": fewest parameters first.
        operations.sort_by_key(|operation| operation.parameter_count());
        Ok(Self { document, operations })
    }

    /// The operation that a request belongs to.
    pub(crate) fn find(&self, method: &Method, path: &str) -> Option<Match<'_>> {
        self.operations
            .iter()
            .filter(|operation| operation.method == *method)
            .find_map(|operation| operation.parameters_of(path).map(|parameters| Match { operation, parameters }))
    }

    /// The operation with this `operationId`.
    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// All `operationId`s.
    pub(crate) fn operation_ids(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().map(|operation| operation.id.as_str())
    }

    /// The schemas of the document.
    pub(crate) fn schemas(&self) -> Schemas<'_> {
        Schemas::new(&self.document)
    }
}

impl Operation {
    fn parameter_count(&self) -> usize {
        self.segments.iter().filter(|segment| matches!(segment, Segment::Parameter(_))).count()
    }

    /// The values of the path's parameters, when the path is this operation's.
    fn parameters_of(&self, path: &str) -> Option<Vec<(&str, String)>> {
        let given: Vec<&str> = path.split('/').collect();
        if given.len() != self.segments.len() {
            return None;
        }
        let mut parameters = Vec::new();
        for (segment, given) in self.segments.iter().zip(given) {
            match segment {
                Segment::Literal(literal) if literal == given => {}
                Segment::Parameter(name) if !given.is_empty() => {
                    parameters.push((name.as_str(), percent_decode_str(given).decode_utf8_lossy().into_owned()));
                }
                Segment::Literal(_) | Segment::Parameter(_) => return None,
            }
        }
        Some(parameters)
    }
}

fn segments(path: &str) -> Vec<Segment> {
    path.split('/')
        .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => Segment::Parameter(name.to_owned()),
            None => Segment::Literal(part.to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests;
