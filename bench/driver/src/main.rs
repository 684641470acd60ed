//! Runs Lambda binaries without Lambda: a Runtime API of its own, relays that end TLS and count, processor shares by cgroup.
//!
//! Commands come as lines of JSON on standard input and are answered by lines of JSON with the same `id`, each as soon as it is
//! done: commands to different lanes run side by side. What to run and what to make of it is decided elsewhere (`harness/`).

mod capture;
mod cgroup;
mod lane;
mod relay;
mod runtime_api;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::sync::Mutex;

use crate::capture::Capture;
use crate::lane::Lane;

/// What goes wrong here is told to whoever asked.
type Failure = Box<dyn Error + Send + Sync>;

/// A line of standard input.
#[derive(Deserialize)]
struct Line {
    id: u64,
    #[serde(flatten)]
    command: Command,
}

/// What can be asked for.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Command {
    /// Opens a lane: a Runtime API, and a relay with TLS before each upstream (`host:port`).
    Lane { lane: String, upstreams: BTreeMap<String, String> },
    /// Starts a function and waits until it asks for its first event. The processor is not limited meanwhile, as in Lambda.
    Start { lane: String, command: Vec<String>, env: BTreeMap<String, String>, log: PathBuf },
    /// Limits the function to so many microseconds of processor time in each 20 ms; none: not at all.
    Share { lane: String, quota: Option<u32> },
    /// Sends an event, a text of JSON, and waits for the answer. With `bodies` the answer holds what was sent to the upstreams.
    Call { lane: String, event: String, bodies: bool },
    /// Ends the function.
    Stop { lane: String },
    /// What the listener for partners' requests has taken since the last question.
    Captured,
}

struct Driver {
    tls: tokio_rustls::TlsAcceptor,
    lanes: Mutex<BTreeMap<String, Arc<Lane>>>,
    capture: Capture,
}

impl Driver {
    async fn lane(&self, name: &str) -> Result<Arc<Lane>, Failure> {
        let lanes = self.lanes.lock().await;
        lanes.get(name).cloned().ok_or_else(|| format!("there is no lane {name}").into())
    }

    async fn run(&self, command: Command) -> Result<Value, Failure> {
        match command {
            Command::Lane { lane, upstreams } => {
                let opened = Lane::open(&lane, &upstreams, &self.tls).await?;
                let addresses = opened.addresses();
                self.lanes.lock().await.insert(lane, Arc::new(opened));
                Ok(addresses)
            }
            Command::Start { lane, command, env, log } => self.lane(&lane).await?.start(&command, &env, &log).await,
            Command::Share { lane, quota } => self.lane(&lane).await?.share(quota).await,
            Command::Call { lane, event, bodies } => self.lane(&lane).await?.call(&event, bodies).await,
            Command::Stop { lane } => self.lane(&lane).await?.stop().await,
            Command::Captured => Ok(json!({"captured": self.capture.take()})),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(chain), Some(key)) = (arguments.next(), arguments.next()) else {
        return Err("usage: driver <certificate chain> <key>".into());
    };
    let capture = Capture::listen().await?;
    let ready = json!({"id": 0, "capture": capture.port()});
    let driver = Arc::new(Driver { tls: relay::acceptor(&chain, &key)?, lanes: Mutex::default(), capture });
    let output = Arc::new(Mutex::new(tokio::io::stdout()));
    say(&output, &ready).await;
    let read = serve(&driver, &output).await;
    // Whoever gave the commands is gone, or makes no sense: nothing may stay behind.
    for lane in driver.lanes.lock().await.values() {
        lane.stop().await.ok();
    }
    read
}

/// Does what is asked for until standard input ends.
async fn serve(driver: &Arc<Driver>, output: &Arc<Mutex<tokio::io::Stdout>>) -> Result<(), Failure> {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let line: Line = serde_json::from_str(&line)?;
        let (driver, output) = (driver.clone(), output.clone());
        tokio::spawn(async move {
            let mut answer = match driver.run(line.command).await {
                Ok(answer) => answer,
                Err(failure) => json!({"error": failure.to_string()}),
            };
            if let Some(fields) = answer.as_object_mut() {
                fields.insert("id".to_owned(), line.id.into());
            }
            say(&output, &answer).await;
        });
    }
    Ok(())
}

/// Nobody is left to be told when this fails; the end of standard input follows.
async fn say(output: &Mutex<tokio::io::Stdout>, answer: &Value) {
    let mut output = output.lock().await;
    output.write_all(format!("{answer}\n").as_bytes()).await.ok();
    output.flush().await.ok();
}
