//! A lane: one function at a time, with a Runtime API, relays and a control group of its own.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use crate::Failure;
use crate::cgroup::Group;
use crate::relay::{self, Calls, micros};
use crate::runtime_api::{self, Asked, Said};

/// Longer than anything that is measured.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Lane {
    port: u16,
    relays: BTreeMap<String, u16>,
    calls: Arc<Calls>,
    group: Group,
    state: Mutex<State>,
}

struct State {
    said: Said,
    running: Option<Running>,
}

struct Running {
    child: Child,
    /// The function waits for an event.
    asked: Option<Asked>,
    log: PathBuf,
}

impl Lane {
    /// Opens its ports.
    pub(crate) async fn open(
        name: &str,
        upstreams: &BTreeMap<String, String>,
        tls: &TlsAcceptor,
    ) -> Result<Self, Failure> {
        let calls = Arc::<Calls>::default();
        let mut relays = BTreeMap::new();
        for (to, upstream) in upstreams {
            relays.insert(to.clone(), relay::listen(to, upstream, tls, calls.clone()).await?);
        }
        let (port, said) = runtime_api::listen().await?;
        let group = Group::make(name).map_err(|error| format!("no control group can be made: {error}"))?;
        Ok(Self { port, relays, calls, group, state: Mutex::new(State { said, running: None }) })
    }

    /// Where everything is.
    pub(crate) fn addresses(&self) -> Value {
        json!({"runtime": format!("127.0.0.1:{}", self.port), "relays": self.relays})
    }

    /// Starts a function; the time is from the start of the process to its first question for an event.
    pub(crate) async fn start(
        &self,
        command: &[String],
        env: &BTreeMap<String, String>,
        log: &Path,
    ) -> Result<Value, Failure> {
        self.stop().await?;
        let mut state = self.state.lock().await;
        while state.said.asked.try_recv().is_ok() || state.said.answered.try_recv().is_ok() {}
        self.group.share(None)?;
        self.calls.begin(false);
        let output = File::create(log)?;
        let (program, arguments) = command.split_first().ok_or("no command")?;
        let mut starting = Command::new(program);
        starting.args(arguments).env_clear().envs(env);
        starting.env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{}", self.port));
        starting.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output).kill_on_drop(true);
        let started = Instant::now();
        let mut child = starting.spawn()?;
        self.group.add(child.id().ok_or("it has ended already")?)?;
        let asked = tokio::select! {
            asked = timeout(PATIENCE, state.said.asked.recv()) => asked?.ok_or("the Runtime API has ended")?,
            ended = child.wait() => return Err(format!("it does not start: {}, see {}", ended?, log.display()).into()),
        };
        let init = micros(asked.at - started);
        state.running = Some(Running { child, asked: Some(asked), log: log.to_owned() });
        Ok(json!({"us": init, "cpu_us": micros(self.group.used()?)}))
    }

    /// Limits the processor from now on.
    pub(crate) async fn share(&self, quota: Option<u32>) -> Result<Value, Failure> {
        self.group.share(quota)?;
        Ok(json!({}))
    }

    /// Sends an event; the time is from its delivery to the last byte of the answer.
    pub(crate) async fn call(&self, event: &str, with_bodies: bool) -> Result<Value, Failure> {
        let mut state = self.state.lock().await;
        let State { said, running } = &mut *state;
        let running = running.as_mut().ok_or("no function is running")?;
        let asked = match running.asked.take() {
            Some(asked) => asked,
            None => timeout(PATIENCE, said.asked.recv()).await?.ok_or("the Runtime API has ended")?,
        };
        self.calls.begin(with_bodies);
        let logged = written(&running.log);
        let used = self.group.used()?;
        let from = Instant::now();
        asked.deliver.send(event.to_owned()).map_err(|_| "the function has gone")?;
        let answered = tokio::select! {
            answered = timeout(PATIENCE, said.answered.recv()) => answered?.ok_or("the Runtime API has ended")?,
            ended = running.child.wait() => return Err(format!("it has ended: {}", ended?).into()),
        };
        let used = self.group.used()?.saturating_sub(used);
        let time = answered.at - from;
        let (waited, mut told) = self.calls.end();
        if let Some(fields) = told.as_object_mut() {
            fields.insert("us".to_owned(), micros(time).into());
            fields.insert("own_us".to_owned(), micros(time.saturating_sub(waited)).into());
            fields.insert("cpu_us".to_owned(), micros(used).into());
            fields.insert("logged".to_owned(), written(&running.log).saturating_sub(logged).into());
            fields.insert("failed".to_owned(), answered.is_failure.into());
            fields.insert("answer".to_owned(), String::from_utf8_lossy(&answered.body).into());
        }
        Ok(told)
    }

    /// Ends the function and tells the most memory it held, in KiB.
    pub(crate) async fn stop(&self) -> Result<Value, Failure> {
        let Some(mut running) = self.state.lock().await.running.take() else { return Ok(json!({})) };
        let peak = running.child.id().and_then(peak_kib);
        running.child.kill().await?;
        Ok(json!({"peak_kib": peak}))
    }
}

fn written(log: &Path) -> u64 {
    fs::metadata(log).map(|log| log.len()).unwrap_or_default()
}

/// The most memory a process has held (`VmHWM`).
fn peak_kib(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix("kB")?.trim().parse().ok()
}
