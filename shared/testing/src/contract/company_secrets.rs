//! [`CompanySecrets`]: stored, remembered, destroyed. Cases take two processes over the same store.

use domain::integration::SecretName;
use domain::ports::{CompanySecret, CompanySecrets, TokenKeySeed};

use crate::samples;

/// Tests of an implementation of [`CompanySecrets`]; the function builds a pair of processes over one store.
#[macro_export]
macro_rules! company_secrets_contract {
    ($processes:ident) => {
        $crate::each_case! { company_secrets, $processes:
            a_secret_that_was_never_stored_is_not_there
            a_secret_is_read_back_whole
            a_secret_without_credentials_is_read_back_whole
            storing_again_replaces_the_secret
            a_secret_is_remembered
            reading_now_sees_what_others_stored
            that_a_secret_is_missing_is_not_remembered
            a_destroyed_secret_is_gone_at_once
            reading_now_sees_what_others_destroyed
            destroying_twice_succeeds
            a_destroyed_secret_can_be_stored_again
            what_is_there_is_replaced_and_what_is_not_stays_away
            every_client_has_a_secret_of_its_own
        }
    };
}

fn new<S: CompanySecrets>(process: &S) -> (SecretName, CompanySecret) {
    (process.company_secret_name(&samples::client_id()), samples::company_secret(&samples::api_key()))
}

fn changed(secret: &CompanySecret) -> CompanySecret {
    CompanySecret { token_key: TokenKeySeed([8; 32]), ..secret.clone() }
}

/// Both ways of reading say so.
pub async fn a_secret_that_was_never_stored_is_not_there<S: CompanySecrets>((one, _): &(S, S)) {
    let (name, _) = new(one);
    assert_eq!(one.company_secret(&name).await.unwrap(), None);
    assert_eq!(one.company_secret_now(&name).await.unwrap(), None);
}

/// By the process that stored it and by others.
pub async fn a_secret_is_read_back_whole<S: CompanySecrets>((one, two): &(S, S)) {
    let (name, secret) = new(one);
    one.put_company_secret(&name, &secret).await.unwrap();
    assert_eq!(one.company_secret(&name).await.unwrap().as_ref(), Some(&secret));
    assert_eq!(two.company_secret(&name).await.unwrap().as_ref(), Some(&secret));
    assert_eq!(two.company_secret_now(&name).await.unwrap(), Some(secret));
}

/// Before SmartRecruiters answered.
pub async fn a_secret_without_credentials_is_read_back_whole<S: CompanySecrets>((one, two): &(S, S)) {
    let (name, secret) = new(one);
    let secret = CompanySecret { smartrecruiters: None, ..secret };
    one.put_company_secret(&name, &secret).await.unwrap();
    assert_eq!(two.company_secret(&name).await.unwrap(), Some(secret));
}

/// Also in the memory of the process that stored it.
pub async fn storing_again_replaces_the_secret<S: CompanySecrets>((one, two): &(S, S)) {
    let (name, secret) = new(one);
    one.put_company_secret(&name, &secret).await.unwrap();
    assert_eq!(one.company_secret(&name).await.unwrap().as_ref(), Some(&secret));
    one.put_company_secret(&name, &changed(&secret)).await.unwrap();
    assert_eq!(one.company_secret(&name).await.unwrap(), Some(changed(&secret)));
    assert_eq!(two.company_secret(&name).await.unwrap(), Some(changed(&secret)));
}

/// What others store is not seen for minutes.
pub async fn a_secret_is_remembered<S: CompanySecrets>((one, two): &(S, S)) {
    let (name, secret) = new(one);
    one.put_company_secret(&name, &secret).await.unwrap();
    assert_eq!(two.company_secret(&name).await.unwrap().as_ref(), Some(&secret));
    one.put_company_secret(&name, &changed(&secret)).await.unwrap();
    assert_eq!(two.company_secret(&name).await.unwrap(), Some(secret));
}

/// And remembers it from then on.
pub async fn reading_now_sees_what_others_stored<S: CompanySecrets>((one, two): &(S, S)) {
    let (name, secret) = new(one);
    one.put_company_secret(&name, &secret).await.unwrap();
    two.company_secret(&name).await.unwrap();
    one.put_company_secret(&name, &changed(&secret)).await.unwrap();
    assert_eq!(two.company_secret_now(&name).await.unwrap(), Some(changed(&secret)));
    assert_eq!(two.company_secret(&name).await.unwrap(), Some(changed(&secret)));
}

/// A secret stored a moment later is seen.
pub async fn that_a_secret_is_missing_is_not_remembered<S: CompanySecrets>((one, two): &(S, S)) {
    let (name, secret) = new(one);
    assert_eq!(two.company_secret(&name).await.unwrap(), None);
    one.put_company_secret(&name, &secret).await.unwrap();
    assert_eq!(two.company_secret(&name).await.unwrap(), Some(secret));
}

/// By both ways of reading.
pub async fn a_destroyed_secret_is_gone_at_once<S: CompanySecrets>((one, _): &(S, S)) {
    let (name, secret) = new(one);
    one.put_company_secret(&name, &secret).await.unwrap();
    one.destroy_company_secret(&name).await.unwrap();
    assert_eq!(one.company_secret(&name).await.unwrap(), None);
    assert_eq!(one.company_secret_now(&name).await.unwrap(), None);
}

/// And forgets it.
pub async fn reading_now_sees_what_others_destroyed<S: CompanySecrets>((one, two): &(S, S)) {
    let (name, secret) = new(one);
    one.put_company_secret(&name, &secret).await.unwrap();
    assert_eq!(two.company_secret(&name).await.unwrap(), Some(secret));
    one.destroy_company_secret(&name).await.unwrap();
    assert_eq!(two.company_secret_now(&name).await.unwrap(), None);
    assert_eq!(two.company_secret(&name).await.unwrap(), None);
}

/// Also one that never was.
pub async fn destroying_twice_succeeds<S: CompanySecrets>((one, _): &(S, S)) {
    let (name, secret) = new(one);
    one.destroy_company_secret(&name).await.unwrap();
    one.put_company_secret(&name, &secret).await.unwrap();
    one.destroy_company_secret(&name).await.unwrap();
    one.destroy_company_secret(&name).await.unwrap();
}

/// A connection that is tried again.
pub async fn a_destroyed_secret_can_be_stored_again<S: CompanySecrets>((one, two): &(S, S)) {
    let (name, secret) = new(one);
    one.put_company_secret(&name, &secret).await.unwrap();
    one.destroy_company_secret(&name).await.unwrap();
    one.put_company_secret(&name, &secret).await.unwrap();
    assert_eq!(two.company_secret(&name).await.unwrap(), Some(secret));
}

/// For others as well; and what was destroyed is not made again.
pub async fn what_is_there_is_replaced_and_what_is_not_stays_away<S: CompanySecrets>((one, two): &(S, S)) {
    let (name, secret) = new(one);
    assert!(!one.replace_company_secret(&name, &secret).await.unwrap());
    assert_eq!(one.company_secret(&name).await.unwrap(), None);
    one.put_company_secret(&name, &secret).await.unwrap();
    assert!(one.replace_company_secret(&name, &changed(&secret)).await.unwrap());
    assert_eq!(one.company_secret(&name).await.unwrap(), Some(changed(&secret)));
    assert_eq!(two.company_secret_now(&name).await.unwrap(), Some(changed(&secret)));
    two.destroy_company_secret(&name).await.unwrap();
    assert!(!one.replace_company_secret(&name, &secret).await.unwrap());
    assert_eq!(one.company_secret(&name).await.unwrap(), None);
    assert_eq!(two.company_secret_now(&name).await.unwrap(), None);
}

/// Names differ, and say the same every time.
pub async fn every_client_has_a_secret_of_its_own<S: CompanySecrets>((one, two): &(S, S)) {
    let (a, b) = (samples::client_id(), samples::client_id());
    assert_ne!(one.company_secret_name(&a), one.company_secret_name(&b));
    assert_eq!(one.company_secret_name(&a), two.company_secret_name(&a));
}
