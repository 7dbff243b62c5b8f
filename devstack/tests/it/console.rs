//! The commands of `devstack up`, as a person types them.

use std::process::Stdio;

use devstack::Result;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::{WITHIN, answers, connect, runs};

/// The command, with two replicas and Redis.
struct Console {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    primary: String,
    replicas: Vec<String>,
}

impl Console {
    async fn start() -> Result<Self> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_devstack"));
        command.arg("up").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut console = Self { child, input, output, primary: String::new(), replicas: Vec::new() };
        let mut value = async |name: &str| {
            let line = console.line().await;
            line.strip_prefix(name).unwrap_or_else(|| panic!("{name} in {line}")).to_owned()
        };
        let (primary, replicas) = (value("DATABASE_URL=").await, value("REPLICA_URLS=").await);
        value("REDIS_URL=").await;
        console.primary = primary;
        console.replicas = replicas.split(',').map(str::to_owned).collect();
        Ok(console)
    }

    /// The next line; a promotion or a copy takes its time, but not for ever.
    async fn line(&mut self) -> String {
        timeout(3 * WITHIN, self.output.next_line()).await.expect("in time").expect("text").expect("a line")
    }

    async fn ask(&mut self, command: &str) -> String {
        let input = self.input.as_mut().expect("it is open");
        input.write_all(format!("{command}\n").as_bytes()).await.expect("it reads");
        self.line().await
    }

    async fn expect_ok(&mut self, command: &str) {
        assert_eq!(self.ask(command).await, format!("ok {command}"));
    }

    /// The answer's lines before the `ok`, in words.
    async fn list(&mut self, command: &str) -> Vec<Vec<String>> {
        let (mut line, mut list) = (self.ask(command).await, Vec::new());
        while line != format!("ok {command}") {
            list.push(line.split_whitespace().map(str::to_owned).collect());
            line = self.line().await;
        }
        list
    }

    /// Role and state of each node, and of Redis.
    async fn states(&mut self) -> Vec<String> {
        self.list("status").await.iter().map(|words| format!("{} {} {}", words[0], words[2], words[3])).collect()
    }
}

#[tokio::test]
async fn a_person_breaks_a_stack_line_by_line_and_sees_its_status() -> Result<()> {
    let mut console = Console::start().await?;
    let healthy = ["primary writable running", "replica_1 standby running", "replica_2 standby running"];
    assert_eq!(console.states().await[..3], healthy);

    for command in ["stop primary", "freeze replica_2", "kill redis", "pause replica_1", "resume replica_1"] {
        console.expect_ok(command).await;
    }
    let broken = ["primary - stopped", "replica_1 standby running", "replica_2 - frozen", "redis redis stopped"];
    assert_eq!(console.states().await, broken);
    assert!(!answers(&console.primary).await);

    let failover = ["promote replica_1", "thaw replica_2", "follow replica_2 replica_1", "rejoin primary replica_1"];
    let more = ["delay replica_2 5s", "delay replica_2 0", "synchronous off", "crash replica_1", "restart replica_2"];
    for command in failover.iter().chain(&more).chain(&["start redis", "flush redis"]) {
        console.expect_ok(command).await;
    }
    let turned = ["primary standby running", "replica_1 writable running", "replica_2 standby running"];
    assert_eq!(console.states().await[..3], turned);
    let session = connect(&console.replicas[0]).await;
    assert_eq!(console.ask("terminate replica_1 storefront").await, "ok terminate replica_1 storefront: 1 sessions");
    drop(session);
    Ok(())
}

#[tokio::test]
async fn wrong_commands_are_answered_and_the_end_of_the_input_ends_nothing() -> Result<()> {
    let mut console = Console::start().await?;

    for (command, answer) in [
        ("stop replica_3", "error: no node \"replica_3\"; there are primary, replica_1, replica_2"),
        ("delay replica_1 5", "error: \"5\" is no duration such as 500ms, 5s or 2m"),
        ("follow replica_1", "error: \"follow replica_1\" is not of the form follow NODE UPSTREAM"),
        ("explode", "error: no command \"explode\"; help lists them"),
        ("\nthaw  redis ", "ok thaw redis"),
        ("start primary", "error: primary runs already"),
    ] {
        assert_eq!(console.ask(command).await, answer);
    }
    assert!(console.list("help").await.iter().any(|words| words[0] == "promote"));
    let status = console.list("status").await;
    assert!(console.primary.contains(&format!(":{}/", status[0][1])), "{status:?}");
    assert!(status[0][4].parse::<u64>().is_ok(), "{status:?}");

    drop(console.input.take());
    assert!(answers(&console.primary).await);
    assert!(runs(&console.child.id().expect("it runs").to_string()));
    Ok(())
}
