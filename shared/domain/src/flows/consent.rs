//! Connects a company: checks its API key, hands SmartRecruiters a client of our token endpoint, keeps what comes back.
//!
//! Each step can be repeated after a crash. Before SmartRecruiters is asked, the attempt is noted with the names of all it makes, so
//! that the reconciler can finish it (when SmartRecruiters' answer was stored) or clean up (when it was not).

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::access_token;
use crate::flows::end::destroy;
use crate::flows::{Ports, refresh, update};
use crate::ids::{AttemptId, ClientId, CompanyId};
use crate::integration::{Attempt, Connection, Integration};
use crate::ports::{
    Catalogue, Client, Clients, Clock, CompanySecret, CompanySecrets, Entropy, Integrations, KeyRefusal, NoEntropy,
    PartnerSecret, ResultQueue, ResultWork, SetUpError, SmartRecruiters, SmartRecruitersError, StoreError, TestGorilla,
    TestGorillaError, TokenKeySeed, is_saved,
};
use crate::sensitive::{ApiKey, ClientCredentials, Secret};

/// How long one worker may take with an attempt: longer than the time-outs of the calls it makes.
const CLAIM: Duration = Duration::from_secs(60);

/// How long a form that was sent twice waits for its twin.
const TWIN_PAUSE: Duration = Duration::from_millis(500);
/// How often it looks.
const TWIN_LOOKS: usize = 16;

/// How often the answer of SmartRecruiters, seen only once, is tried to be stored.
const STORE_TRIES: usize = 4;

/// What the admin asks for with the form.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Who is to be connected; SmartRecruiters says whether it consented.
    pub company: CompanyId,
    /// The form's nonce.
    pub attempt: AttemptId,
    /// The key that was pasted.
    pub api_key: ApiKey,
}

/// Why a company was not connected. Nothing is stored then.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// TestGorilla refuses the key.
    #[error("TestGorilla refuses the API key: {0}")]
    Key(KeyRefusal),
    /// TestGorilla did not answer as it should.
    #[error("the key cannot be checked")]
    TestGorilla(#[source] TestGorillaError),
    /// The company has not consented in SmartRecruiters.
    #[error("the company has not consented")]
    NotConsented,
    /// Our partner configuration does not exist at SmartRecruiters.
    #[error("the partner configuration does not exist")]
    NotRegistered,
    /// SmartRecruiters has the company connected already.
    #[error("the company is connected already")]
    AlreadyConnected,
    /// SmartRecruiters did not answer as it should.
    #[error("SmartRecruiters did not connect the company")]
    SmartRecruiters(#[source] SmartRecruitersError),
    /// The master credentials are not filled in.
    #[error("the master credentials are not filled in")]
    NotConfigured,
    /// The company is being connected by another form.
    #[error("another attempt to connect is under way")]
    Busy,
    /// No key could be made.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a company came to be connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Granted {
    /// By this form, now.
    Now,
    /// By this form, when it was sent before.
    Before,
    /// By an earlier attempt that had been cut off.
    Resumed,
}

/// Connects a company.
///
/// # Errors
/// See [`GrantError`].
pub async fn grant<S, K, Q, T, R, W>(ports: &Ports<S, K, Q, T, R, W>, request: &Grant) -> Result<Granted, GrantError>
where
    S: Integrations + Clients + Catalogue,
    K: CompanySecrets + PartnerSecret,
    Q: ResultQueue,
    T: TestGorilla,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    let Some(mut integration) = wait_for_turn(ports, request).await? else { return Ok(Granted::Before) };
    check_key(ports, &request.api_key).await?;
    for _ in 0..TWIN_LOOKS {
        if let Some(earlier) = &integration.attempt {
            // SmartRecruiters agreed to the key of the attempt. Whoever sends another one now may be anybody: it connects nobody.
            let is_same = earlier.connection.api_key == request.api_key.hash();
            if resume(ports, &request.company, earlier, is_same.then_some(&request.attempt)).await? {
                return if is_same { Ok(Granted::Resumed) } else { Err(GrantError::AlreadyConnected) };
            }
        }
        let secret = new_secret(ports, request)?;
        // New each time: one whose note was lost may have been undone since.
        let (connection, ours) = new_connection(ports, request, &secret)?;
        if note_attempt(ports, request, &connection).await? {
            return connect(ports, request, connection, secret, ours).await;
        }
        // Somebody else began while the key was checked: perhaps this very form, sent twice.
        let Some(next) = wait_for_turn(ports, request).await? else { return Ok(Granted::Before) };
        integration = next;
    }
    Err(GrantError::Busy)
}

/// Goes through with an attempt that was noted.
async fn connect<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    request: &Grant,
    connection: Connection,
    secret: CompanySecret,
    ours: ClientCredentials,
) -> Result<Granted, GrantError>
where
    S: Integrations + Clients + Catalogue,
    K: CompanySecrets + PartnerSecret,
    Q: ResultQueue,
    R: SmartRecruiters,
    W: Clock + Entropy,
{
    store_client(ports, &request.company, &connection, &secret, &ours).await?;
    let theirs = match set_up(ports, &request.company, &ours).await {
        Ok(theirs) => theirs,
        Err(error) => {
            give_up(ports, &request.company, &connection).await?;
            return Err(error);
        }
    };
    let secret = CompanySecret { smartrecruiters: Some(theirs), ..secret };
    keep(ports, &connection, &secret).await?;
    if activate(ports, &request.company, connection.clone()).await? {
        return Ok(Granted::Now);
    }
    // Somebody else took the attempt for cut off and has undone it, or SmartRecruiters has disconnected the company.
    destroy(ports, &connection).await?;
    Err(GrantError::Busy)
}

/// The integration, once nobody else is connecting the company; `None` when this very form has connected it meanwhile.
async fn wait_for_turn<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    request: &Grant,
) -> Result<Option<Integration>, GrantError>
where
    S: Integrations,
    W: Clock + Entropy,
{
    for _ in 0..TWIN_LOOKS {
        let integration = match ports.store.integration(&request.company).await? {
            Some(integration) => integration,
            None => Integration::new(request.company.clone(), ports.world.bytes16()?),
        };
        if is_connected_by(&integration, request) {
            return Ok(None);
        }
        let now = ports.world.now();
        if integration.attempt.as_ref().is_none_or(|attempt| attempt.claimed_until <= now) {
            return Ok(Some(integration));
        }
        ports.world.sleep(TWIN_PAUSE).await;
    }
    Err(GrantError::Busy)
}

async fn check_key<S, K, Q, T: TestGorilla, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    key: &ApiKey,
) -> Result<(), GrantError> {
    ports.testgorilla.check_key(key).await.map_err(|error| match error {
        TestGorillaError::KeyRefused(refusal) => GrantError::Key(refusal),
        error => GrantError::TestGorilla(error),
    })
}

fn new_secret<S, K, Q, T, R, W: Entropy>(
    ports: &Ports<S, K, Q, T, R, W>,
    request: &Grant,
) -> Result<CompanySecret, GrantError> {
    let token_key = TokenKeySeed(ports.world.bytes32()?);
    Ok(CompanySecret { api_key: request.api_key.clone(), token_key, smartrecruiters: None })
}

/// A connection that does not exist yet, and the pair that SmartRecruiters will use for it.
fn new_connection<S, K: CompanySecrets, Q, T, R, W: Entropy>(
    ports: &Ports<S, K, Q, T, R, W>,
    request: &Grant,
    secret: &CompanySecret,
) -> Result<(Connection, ClientCredentials), GrantError> {
    let client = ClientId::from_bytes(ports.world.bytes16()?);
    let client_secret = Secret::new(URL_SAFE_NO_PAD.encode(ports.world.bytes32()?));
    let token_key = access_token::verifying_key(&secret.token_key).map_err(|_| NoEntropy)?;
    let connection = Connection {
        attempt: request.attempt.clone(),
        secret: ports.secrets.company_secret_name(&client),
        client: client.clone(),
        token_keys: vec![token_key],
        api_key: request.api_key.hash(),
    };
    Ok((connection, ClientCredentials { client_id: client.to_string(), client_secret }))
}

/// Notes the attempt before anything of it exists. Says whether it could: not while or after somebody else connects the company.
async fn note_attempt<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    request: &Grant,
    connection: &Connection,
) -> Result<bool, GrantError>
where
    S: Integrations,
    W: Clock + Entropy,
{
    let mut integration = match ports.store.integration(&request.company).await? {
        Some(integration) => integration,
        None => Integration::new(request.company.clone(), ports.world.bytes16()?),
    };
    if integration.attempt.is_some() || is_connected_by(&integration, request) {
        return Ok(false);
    }
    let now = ports.world.now();
    let attempt = Attempt { connection: connection.clone(), started_at: now, claimed_until: now + CLAIM };
    integration.attempt = Some(attempt);
    // What is due before stays so: a form may be sent by anybody, again and again.
    integration.be_due(None);
    Ok(is_saved(ports.store.save_integration(&mut integration).await)?)
}

/// Whether this form has connected the company.
fn is_connected_by(integration: &Integration, form: &Grant) -> bool {
    integration.connection().is_some_and(|connection| connection.attempt == form.attempt)
}

/// The pair must work at our token endpoint before SmartRecruiters hears of it.
async fn store_client<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    connection: &Connection,
    secret: &CompanySecret,
    ours: &ClientCredentials,
) -> Result<(), StoreError>
where
    S: Clients,
    K: CompanySecrets,
{
    ports.secrets.put_company_secret(&connection.secret, secret).await?;
    let client = Client {
        id: connection.client.clone(),
        secret_hash: ours.client_secret.sha256(),
        company: company.clone(),
        secret: connection.secret.clone(),
    };
    ports.store.put_client(&client).await
}

/// Exchanges the pairs under the master credentials, with those in the store when the remembered ones are refused.
async fn set_up<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    ours: &ClientCredentials,
) -> Result<ClientCredentials, GrantError>
where
    K: PartnerSecret,
    R: SmartRecruiters,
{
    let master = ports.secrets.partner_keys().await?.master;
    let mut answer = match &master {
        Some(master) => ports.smartrecruiters.set_up_integration(master, company, ours).await,
        None => Err(SetUpError::SmartRecruiters(SmartRecruitersError::CredentialsRefused)),
    };
    if matches!(answer, Err(SetUpError::SmartRecruiters(SmartRecruitersError::CredentialsRefused))) {
        match ports.secrets.partner_keys_now().await?.master {
            None => return Err(GrantError::NotConfigured),
            stored if stored == master => {}
            Some(stored) => answer = ports.smartrecruiters.set_up_integration(&stored, company, ours).await,
        }
    }
    answer.map_err(|error| match error {
        SetUpError::NotConsented => GrantError::NotConsented,
        SetUpError::NotRegistered => GrantError::NotRegistered,
        SetUpError::AlreadyIntegrated => GrantError::AlreadyConnected,
        SetUpError::SmartRecruiters(error) => GrantError::SmartRecruiters(error),
    })
}

/// Stores what SmartRecruiters shows only once, with more patience than usual.
async fn keep<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    connection: &Connection,
    secret: &CompanySecret,
) -> Result<(), StoreError>
where
    K: CompanySecrets,
    W: Clock,
{
    let mut kept = ports.secrets.put_company_secret(&connection.secret, secret).await;
    for _ in 1..STORE_TRIES {
        if kept.is_ok() {
            break;
        }
        ports.world.sleep(TWIN_PAUSE).await;
        kept = ports.secrets.put_company_secret(&connection.secret, secret).await;
    }
    kept
}

/// Makes the connection the one in use, and asks for the first listing. Says whether it is in use now: not when its attempt was undone.
async fn activate<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    connection: Connection,
) -> Result<bool, StoreError>
where
    S: Integrations + Catalogue,
    Q: ResultQueue,
    W: Clock,
{
    let now = ports.world.now();
    // First: a crash after the activation leaves nothing that would remind of it.
    refresh::schedule(&ports.store, company, now).await?;
    let activated = update::integration(&ports.store, company, |integration| {
        let is_ours = |attempt: &Attempt| attempt.connection.client == connection.client;
        let is_current = integration.attempt.as_ref().is_some_and(is_ours);
        if is_current {
            integration.activate(connection.clone(), now);
        }
        is_current
    })
    .await?;
    // Without the message the reconciler refreshes: it is due.
    let _ = ports.queues.wake_result(&ResultWork::Refresh { company: company.clone() }, Duration::ZERO).await;
    // An answer that was lost looks like somebody else's change.
    let in_use = activated.as_ref().and_then(|integration| integration.connection());
    Ok(in_use.is_some_and(|in_use| in_use.client == connection.client))
}

/// Goes on with an attempt that was cut off: finishes it with its own key when SmartRecruiters' answer was stored, else undoes it. Says
/// whether the company is connected now. `form` is the one that finishes it.
///
/// # Errors
/// When the store fails.
pub(crate) async fn resume<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    attempt: &Attempt,
    form: Option<&AttemptId>,
) -> Result<bool, StoreError>
where
    S: Integrations + Clients + Catalogue,
    K: CompanySecrets,
    Q: ResultQueue,
    W: Clock,
{
    let mut connection = attempt.connection.clone();
    let secret = ports.secrets.company_secret_now(&connection.secret).await?;
    if secret.is_none_or(|secret| secret.smartrecruiters.is_none()) {
        abandon(ports, company, &connection).await?;
        return Ok(false);
    }
    if let Some(form) = form {
        connection.attempt = form.clone();
    }
    activate(ports, company, connection).await
}

/// Undoes one's own attempt that SmartRecruiters did not take: nobody else is at it. First what it made, then the note of it, so that it
/// is destroyed whatever happens in between, and leaves nothing behind.
async fn give_up<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    connection: &Connection,
) -> Result<(), StoreError>
where
    S: Integrations + Clients,
    K: CompanySecrets,
{
    destroy(ports, connection).await?;
    update::integration(&ports.store, company, |integration| {
        let was_noted = take_note(integration, connection);
        if was_noted {
            integration.be_due(None);
        }
        was_noted
    })
    .await
    .map(|_| ())
}

/// Takes the note of the attempt at this connection away; says whether it was there.
fn take_note(integration: &mut Integration, connection: &Connection) -> bool {
    integration.attempt.take_if(|attempt| attempt.connection.client == connection.client).is_some()
}

/// Undoes an attempt, unless it has come to its end meanwhile: first the note of it, so that it cannot be finished any more, then
/// what it made. Whoever began may only be slow, and about to store what is just being destroyed: it is destroyed once more later.
async fn abandon<S, K, Q, T, R, W>(
    ports: &Ports<S, K, Q, T, R, W>,
    company: &CompanyId,
    connection: &Connection,
) -> Result<(), StoreError>
where
    S: Integrations + Clients,
    K: CompanySecrets,
    W: Clock,
{
    let again_at = ports.world.now() + CLAIM;
    let undone = update::integration(&ports.store, company, |integration| {
        let was_noted = take_note(integration, connection);
        if was_noted {
            integration.replaced.push(connection.clone());
            integration.due_at = Some(again_at);
        }
        was_noted
    })
    .await?;
    // An answer that was lost looks like somebody else's change.
    if undone.is_some_and(|integration| integration.replaced.contains(connection)) {
        destroy(ports, connection).await?;
    }
    Ok(())
}
