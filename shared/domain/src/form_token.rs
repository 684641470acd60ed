//! The hidden token of the consent form: says that we made the form, for this company and way back, within the last hour.
//!
//! Cookies do not reach the page (it is shown in a frame of another site), so the form itself carries what ties the answer to it.
//! Its nonce identifies the attempt to connect: a form that is sent twice is one attempt.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::crypto;
use crate::ids::{AttemptId, CompanyId};
use crate::sensitive::Secret;
use crate::timestamp::Timestamp;

/// How long a form may be filled in.
pub const LIFETIME: Duration = Duration::from_secs(3600);

/// A form that is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidForm {
    /// Not made by us, or for another company or way back.
    #[error("forged form")]
    Forged,
    /// Older than [`LIFETIME`].
    #[error("expired form")]
    Expired,
}

/// What a form is made for.
#[derive(Debug, Clone, Copy)]
pub struct Form<'a> {
    /// Who is to be connected.
    pub company: &'a CompanyId,
    /// Where the browser goes afterwards, as it came.
    pub redirect: Option<&'a str>,
}

impl Form<'_> {
    /// Makes the token, with a key derived from `secret`.
    pub fn issue(&self, secret: &Secret, nonce: &AttemptId, now: Timestamp) -> String {
        let expires = (now + LIFETIME).as_seconds();
        format!("{nonce}.{expires}.{}", URL_SAFE_NO_PAD.encode(self.mac(secret, nonce, expires)))
    }

    /// Checks a token against each of the secrets, and returns the attempt it stands for.
    ///
    /// # Errors
    /// See [`InvalidForm`].
    pub fn verify(&self, token: &str, secrets: &[Secret], now: Timestamp) -> Result<AttemptId, InvalidForm> {
        let mut parts = token.splitn(3, '.');
        let (Some(nonce), Some(expires), Some(mac)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(InvalidForm::Forged);
        };
        let nonce: AttemptId = nonce.parse().map_err(|_| InvalidForm::Forged)?;
        let expires: i64 = expires.parse().map_err(|_| InvalidForm::Forged)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| InvalidForm::Forged)?;
        if !secrets.iter().any(|secret| crypto::equal(&self.mac(secret, &nonce, expires), &mac)) {
            return Err(InvalidForm::Forged);
        }
        if now >= Timestamp::from_seconds(expires) {
            return Err(InvalidForm::Expired);
        }
        Ok(nonce)
    }

    fn mac(&self, secret: &Secret, nonce: &AttemptId, expires: i64) -> [u8; 32] {
        let key = crypto::hmac_sha256(secret.expose().as_bytes(), &[b"consent form"]);
        let redirect = self.redirect.unwrap_or_default().as_bytes();
        crypto::hmac_sha256(
            &key,
            &[self.company.as_str().as_bytes(), redirect, nonce.as_str().as_bytes(), &expires.to_be_bytes()],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    #[test]
    fn a_form_is_taken_for_an_hour_for_what_it_was_made_for() {
        let (company, other): (CompanyId, CompanyId) = ("acme-example".parse().unwrap(), "other".parse().unwrap());
        let nonce = AttemptId::from_bytes([3; 16]);
        let (old, new) = (Secret::new("old"), Secret::new("new"));
        let form = Form { company: &company, redirect: Some("https://www.smartrecruiters.com/x") };
        let token = form.issue(&old, &nonce, NOW);

        assert_eq!(form.verify(&token, std::slice::from_ref(&old), NOW), Ok(nonce.clone()));
        assert_eq!(form.verify(&token, &[new.clone(), old.clone()], NOW), Ok(nonce));
        assert_eq!(form.verify(&token, &[new], NOW), Err(InvalidForm::Forged));
        assert_eq!(form.verify(&token, std::slice::from_ref(&old), NOW + LIFETIME), Err(InvalidForm::Expired));
        let secrets = std::slice::from_ref(&old);
        for forged in [Form { company: &other, ..form }, Form { redirect: None, ..form }] {
            assert_eq!(forged.verify(&token, secrets, NOW), Err(InvalidForm::Forged));
        }
        for garbage in ["", ".", "..", "a.b.c", token.trim_start_matches('0'), &format!("{token}A")] {
            assert_eq!(form.verify(garbage, secrets, NOW), Err(InvalidForm::Forged), "{garbage}");
        }
    }
}
