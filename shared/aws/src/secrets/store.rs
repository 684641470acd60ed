//! The few calls of Secrets Manager.

use aws_sdk_secretsmanager::error::SdkError;
use aws_sdk_secretsmanager::operation::create_secret::CreateSecretError;
use aws_sdk_secretsmanager::operation::delete_secret::DeleteSecretError;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use aws_sdk_secretsmanager::operation::put_secret_value::PutSecretValueError;
use domain::ports::StoreError;
use domain::sensitive::Secret;

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
    let missing = || Failure::of("GetSecretValue", "the stack's secret does not exist or has no text", false);
    Ok(read(sdk, id).await?.ok_or_else(missing)?)
}

/// Stores a secret, new or not: one `PutSecretValue`, and for a new one a `CreateSecret`.
pub(super) async fn write(sdk: &Sdk, name: &str, text: &Secret) -> Result<(), StoreError> {
    let Err(error) = put(sdk, name, text).await else { return Ok(()) };
    if !matches!(error.as_service_error(), Some(PutSecretValueError::ResourceNotFoundException(_))) {
        return Err(Failure::new("PutSecretValue", &error).into());
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
