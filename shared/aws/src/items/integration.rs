use domain::ids::{ApiKeyHash, AttemptId, ClientId};
use domain::integration::{Attempt, Connection, Enabled, Integration, SecretName, Status};
use domain::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Entity, Key, LISTED_INTEGRATION, base64_bytes, codes, lookup_api_key};

/// A company's integration.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    /// `new`, `active` or `ended`.
    state: String,
    /// Of an active one the connection in use; of an ended one what remains of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    connection: Option<ConnectionBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_refused_since: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_cause: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<AttemptBody>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    replaced: Vec<ConnectionBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys_retire_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    enabled: Vec<EnabledBody>,
    #[serde(with = "base64_bytes")]
    salt: [u8; 16],
    #[serde(skip_serializing_if = "Option::is_none")]
    called_back_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct ConnectionBody {
    attempt: AttemptId,
    client: ClientId,
    secret: String,
    token_keys: Vec<String>,
    api_key: ApiKeyHash,
}

#[derive(Serialize, Deserialize)]
struct AttemptBody {
    connection: ConnectionBody,
    started_at: Timestamp,
    claimed_until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct EnabledBody {
    api_key: ApiKeyHash,
    at: Timestamp,
}

fn store_connection(connection: &Connection) -> ConnectionBody {
    ConnectionBody {
        attempt: connection.attempt.clone(),
        client: connection.client.clone(),
        secret: connection.secret.0.clone(),
        token_keys: connection.token_keys.iter().map(base64_bytes::encode).collect(),
        api_key: connection.api_key.clone(),
    }
}

fn read_connection(body: ConnectionBody) -> Option<Connection> {
    Some(Connection {
        attempt: body.attempt,
        client: body.client,
        secret: SecretName(body.secret),
        token_keys: body.token_keys.iter().map(|key| base64_bytes::decode(key)).collect::<Option<_>>()?,
        api_key: body.api_key,
    })
}

fn read_status(body: &mut Body) -> Option<Status> {
    let connection = body.connection.take();
    match body.state.as_str() {
        "new" => Some(Status::New),
        "active" => Some(Status::Active {
            connection: read_connection(connection?)?,
            since: body.active_since?,
            key_refused_since: body.key_refused_since,
        }),
        "ended" => Some(Status::Ended {
            cause: codes::end_cause::read(body.end_cause.as_deref()?)?,
            at: body.ended_at?,
            remains: match connection {
                Some(connection) => Some(read_connection(connection)?),
                None => None,
            },
        }),
        _ => None,
    }
}

impl Entity for Integration {
    type Body = Body;

    fn key(&self) -> Key {
        Key::integration(&self.company)
    }

    fn version(&self) -> Option<u64> {
        Some(self.version)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }

    fn lookup(&self) -> Option<String> {
        self.connection().map(|connection| lookup_api_key(&connection.api_key))
    }

    fn listed(&self) -> Option<&'static str> {
        Some(LISTED_INTEGRATION)
    }

    fn body(&self) -> Body {
        let mut body = Body {
            state: "new".to_owned(),
            connection: None,
            active_since: None,
            key_refused_since: None,
            end_cause: None,
            ended_at: None,
            attempt: self.attempt.as_ref().map(|attempt| AttemptBody {
                connection: store_connection(&attempt.connection),
                started_at: attempt.started_at,
                claimed_until: attempt.claimed_until,
            }),
            replaced: self.replaced.iter().map(store_connection).collect(),
            keys_retire_at: self.keys_retire_at,
            enabled: self
                .enabled
                .iter()
                .map(|enabled| EnabledBody { api_key: enabled.api_key.clone(), at: enabled.at })
                .collect(),
            salt: self.salt,
            called_back_at: self.called_back_at,
            due_at: self.due_at,
        };
        match &self.status {
            Status::New => {}
            Status::Active { connection, since, key_refused_since } => {
                body.state = "active".to_owned();
                body.connection = Some(store_connection(connection));
                body.active_since = Some(*since);
                body.key_refused_since = *key_refused_since;
            }
            Status::Ended { cause, at, remains } => {
                body.state = "ended".to_owned();
                body.connection = remains.as_ref().map(store_connection);
                body.end_cause = Some(codes::end_cause::word(*cause));
                body.ended_at = Some(*at);
            }
        }
        body
    }

    fn read(key: &Key, version: u64, mut body: Body) -> Option<Self> {
        Some(Self {
            company: key.company()?,
            status: read_status(&mut body)?,
            attempt: match body.attempt {
                Some(attempt) => Some(Attempt {
                    connection: read_connection(attempt.connection)?,
                    started_at: attempt.started_at,
                    claimed_until: attempt.claimed_until,
                }),
                None => None,
            },
            replaced: body.replaced.into_iter().map(read_connection).collect::<Option<_>>()?,
            keys_retire_at: body.keys_retire_at,
            enabled: body.enabled.into_iter().map(|one| Enabled { api_key: one.api_key, at: one.at }).collect(),
            salt: body.salt,
            called_back_at: body.called_back_at,
            due_at: body.due_at,
            version,
        })
    }
}
