use domain::ids::CompanyId;
use domain::integration::SecretName;
use domain::ports::Client;
use serde::{Deserialize, Serialize};

use super::{Entity, Key, base64_bytes};

/// A client of the token endpoint.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    #[serde(with = "base64_bytes")]
    secret_hash: [u8; 32],
    company: CompanyId,
    secret: String,
}

impl Entity for Client {
    type Body = Body;

    fn key(&self) -> Key {
        Key::client(&self.id)
    }

    fn version(&self) -> Option<u64> {
        None
    }

    fn body(&self) -> Body {
        Body { secret_hash: self.secret_hash, company: self.company.clone(), secret: self.secret.0.clone() }
    }

    fn read(key: &Key, _: u64, body: Body) -> Option<Self> {
        Some(Self {
            id: key.client_id()?,
            secret_hash: body.secret_hash,
            company: body.company,
            secret: SecretName(body.secret),
        })
    }
}
