//! The program itself: the built binary in a folder of its own, with no environment but the one it is given.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use super::answer::Answer;
use super::probe::sum;
use super::until::until;

const DEADLINE: Duration = Duration::from_secs(60);

/// What a run that ended by itself left behind.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The one line of a run that failed.
    #[track_caller]
    pub fn complaint(&self) -> &str {
        assert!(!self.status.success(), "it did not fail: {self:?}");
        assert_eq!(self.stdout, "");
        let lines: Vec<&str> = self.stderr.lines().collect();
        assert_eq!(lines.len(), 1, "{self:?}");
        assert!(lines[0].starts_with("storefront: "), "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        lines[0]
    }

    #[track_caller]
    pub fn succeeded(self) -> String {
        assert!(self.status.success(), "{self:?}");
        self.stdout
    }
}

fn command(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_storefront"));
    command.args(arguments).env_clear().envs(environment.iter().copied()).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Runs the program to its end.
pub async fn run(folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let output = tokio::time::timeout(DEADLINE, command(folder, arguments, environment).output());
    let output = output.await.unwrap_or_else(|_| panic!("{arguments:?} did not end")).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { status: output.status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// What a stream has said so far.
struct Lines {
    lines: Arc<Mutex<Vec<String>>>,
    reading: JoinHandle<()>,
}

impl Lines {
    fn so_far(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }
}

fn collect(stream: impl AsyncRead + Unpin + Send + 'static) -> Lines {
    let lines = Arc::<Mutex<Vec<String>>>::default();
    let collected = lines.clone();
    let reading = tokio::spawn(async move {
        let mut stream = BufReader::new(stream).lines();
        while let Ok(Some(line)) = stream.next_line().await {
            collected.lock().unwrap().push(line);
        }
    });
    Lines { lines, reading }
}

/// Any port, and windows that no test uses up by chance.
const OWN: [(&str, &str); 4] = [
    ("STOREFRONT_PORT", "0"),
    ("STOREFRONT_CLIENT_POINTS", "1000000000"),
    ("STOREFRONT_ADDRESS_POINTS", "1000000000"),
    ("STOREFRONT_WINDOW_MUTATIONS", "1000000"),
];

/// A program that serves; it is killed when it is dropped.
pub struct Program {
    pub address: SocketAddr,
    child: Child,
    stdout: Lines,
    stderr: Lines,
    client: reqwest::Client,
}

impl Program {
    /// Starts the program on a free port and waits until it serves.
    pub async fn serve(folder: &Path, environment: &[(&str, &str)]) -> Self {
        let environment: Vec<_> = OWN.into_iter().chain(environment.iter().copied()).collect();
        let mut child = command(folder, &[], &environment).spawn().unwrap();
        let (stdout, stderr) = (collect(child.stdout.take().unwrap()), collect(child.stderr.take().unwrap()));
        let address = || {
            let lines = stdout.so_far();
            // The address comes first; with the metrics line the rest of what is printed for everyone is there.
            lines.iter().find(|line| line.contains("/metrics"))?;
            let line = lines.iter().find_map(|line| line.split_once("serves on http://"))?;
            line.1.split_whitespace().next()?.parse().ok()
        };
        until("the program serves", async || {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "{ended:?}: {:?}", stderr.so_far());
            address().is_some()
        })
        .await;
        let address = address().unwrap();
        Self { address, child, stdout, stderr, client: reqwest::Client::new() }
    }

    /// What it has printed so far; all of it once it has ended.
    pub fn stdout(&self) -> Vec<String> {
        self.stdout.so_far()
    }

    /// What it has logged so far; all of it once it has ended.
    pub fn stderr(&self) -> Vec<String> {
        self.stderr.so_far()
    }

    /// The staff key that was printed.
    pub async fn staff_key(&self) -> String {
        let key = || {
            self.stdout()
                .iter()
                .find_map(|line| Some(line.trim().strip_prefix("Staff key ")?.split(' ').next()?.to_owned()))
        };
        until("the staff key is printed", async || key().is_some()).await;
        key().unwrap()
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client.get(format!("http://{}{path}", self.address)).send().await.unwrap()
    }

    pub async fn ask(&self, staff_key: &str, query: &str, variables: Value) -> Answer {
        let body = json!({ "query": query, "variables": variables });
        self.post(body, &[("x-storefront-staff-key", staff_key)]).await
    }

    /// Sends a body to GraphQL.
    pub async fn post(&self, body: Value, headers: &[(&str, &str)]) -> Answer {
        let request = self.client.post(format!("http://{}/graphql", self.address)).json(&body);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        Answer::read(request.send().await.unwrap()).await
    }

    /// The sum of all samples of a metric that have these labels; zero when there is none.
    pub async fn metric(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        sum(&self.get("/metrics").await.text().await.unwrap(), name, labels)
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill")
            .arg(format!("-{name}"))
            .arg(self.child.id().unwrap().to_string())
            .status();
        assert!(sent.unwrap().success());
    }

    /// Waits for the end, and for the last of what it says.
    pub async fn ended(&mut self) -> ExitStatus {
        let ended = async {
            let status = self.child.wait().await.unwrap();
            for stream in [&mut self.stdout, &mut self.stderr] {
                (&mut stream.reading).await.unwrap();
            }
            status
        };
        tokio::time::timeout(DEADLINE, ended).await.expect("the program ends")
    }

    /// Ends it as Ctrl-C in its terminal would; what it said.
    pub async fn stop(mut self) -> (Vec<String>, Vec<String>) {
        self.signal("INT");
        assert!(self.ended().await.success(), "{:?}", self.stderr());
        (self.stdout(), self.stderr())
    }
}
