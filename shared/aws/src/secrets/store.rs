//! The few calls of Secrets Manager.

use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretError;
use aws_sdk_secretsmanager::operation::delete_secret::DeleteSecretError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;
use domain::ports::{StoreError, Stored};
use domain::sensitive::Secret;
use domain::timestamp::Timestamp;

use crate::failure::Failure;
use crate::sdk::Sdk;

/// Reads a secret's current text: one `GetSecretValue`. `None` when there is none, or it is being deleted.
pub(super) async fn read(sdk: &Sdk, id: &str) -> Result<Option<Secret>, StoreError> {
    let answer = sdk.secrets_manager().get_secret_value().secret_id(id).send().await;
    match answer {
        Ok(answer) => Ok(answer.secret_string.map(Secret::new)),
        Err(error) => match error.as_service_error() {
            // "Invalid request" says that the secret is marked for deletion.
            Some(
                GetSecretValueError::ResourceNotFoundException(_) | GetSecretValueError::InvalidRequestException(_),
            ) => Ok(None),
            _ => Err(Failure::new("GetSecretValue", &error).into()),
        },
    }
}

/// Reads a secret that the stack has: without it nothing works until somebody looks.
pub(super) async fn read_own(sdk: &Sdk, id: &str) -> Result<Secret, StoreError> {
    Ok(read(sdk, id).await?.ok_or_else(missing)?)
}

/// Reads a secret that the stack has, and since when it is as it is.
pub(super) async fn read_dated(sdk: &Sdk, id: &str) -> Result<Stored<Secret>, StoreError> {
    let answer = sdk.secrets_manager().get_secret_value().secret_id(id).send().await;
    let answer = answer.map_err(|error| Failure::new("GetSecretValue", &error))?;
    let changed_at = answer.created_date.and_then(|at| at.to_millis().ok()).map(Timestamp::from_millis);
    Ok(Stored { value: answer.secret_string.map(Secret::new).ok_or_else(missing)?, changed_at })
}

/// Stores a new text of a secret that the stack has: one `PutSecretValue`.
pub(super) async fn write_own(sdk: &Sdk, id: &str, text: &Secret) -> Result<(), StoreError> {
    put(sdk, id, text).await.map_err(|error| Failure::new("PutSecretValue", &error).into())
}

fn missing() -> Failure {
    Failure::of("GetSecretValue", "the stack's secret does not exist or has no text", false)
}

/// Stores a new text of a secret, if there is one: one `PutSecretValue`. Says whether there was.
pub(super) async fn replace(sdk: &Sdk, name: &str, text: &Secret) -> Result<bool, StoreError> {
    let Err(error) = put(sdk, name, text).await else { return Ok(true) };
    match error.as_service_error() {
        // "Invalid request" says that the secret is marked for deletion.
        Some(PutSecretValueError::ResourceNotFoundException(_) | PutSecretValueError::InvalidRequestException(_)) => {
            Ok(false)
        }
        _ => Err(Failure::new("PutSecretValue", &error).into()),
    }
}

/// Stores a secret, new or not: one `PutSecretValue`, and for a new one a `CreateSecret`.
pub(super) async fn write(sdk: &Sdk, name: &str, text: &Secret) -> Result<(), StoreError> {
    if replace(sdk, name, text).await? {
        return Ok(());
    }
    let create = sdk.secrets_manager().create_secret().name(name).secret_string(text.expose());
    let Err(error) = create.send().await else { return Ok(()) };
    if !matches!(error.as_service_error(), Some(CreateSecretError::ResourceExistsException(_))) {
        return Err(Failure::new("CreateSecret", &error).into());
    }
    // Somebody else created it in between.
    put(sdk, name, text).await.map_err(|error| Failure::new("PutSecretValue", &error).into())
}

async fn put(sdk: &Sdk, name: &str, text: &Secret) -> Result<(), SdkError<PutSecretValueError>> {
    let put = sdk.secrets_manager().put_secret_value().secret_id(name).secret_string(text.expose());
    put.send().await.map(|_| ())
}

/// Destroys a secret without a way back: one `DeleteSecret`.
pub(super) async fn destroy(sdk: &Sdk, name: &str) -> Result<(), StoreError> {
    let delete = sdk.secrets_manager().delete_secret().secret_id(name).force_delete_without_recovery(true);
    match delete.send().await {
        Ok(_) => Ok(()),
        Err(error) => match error.as_service_error() {
            Some(DeleteSecretError::ResourceNotFoundException(_)) => Ok(()),
            _ => Err(Failure::new("DeleteSecret", &error).into()),
        },
    }
}
