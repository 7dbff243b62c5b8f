//! Commands for a running stack, one per line of standard input.
//!
//! Each is answered on standard output by one line that begins with `ok` or `error:`; `status` and `help` print their lists
//! before it. The end of the input ends nothing.

use std::fmt::Write as _;
use std::io::{self, BufRead, Write as _};
use std::time::Duration;

use anyhow::Context;
use devstack::{Node, RedisServer, Result, Stack};
use nix::sys::signal::{SigSet, Signal};
use tokio::sync::mpsc;

const HELP: &str = "\
start NODE               starts it again on its port
stop NODE                stops it by a fast shutdown
restart NODE             stops and starts it
kill NODE                kills it and its children with kill -9
crash NODE               kills one back-end; the server recovers in place
freeze NODE              stops it and its children where they are
thaw NODE                lets it go on
pause NODE               pauses replay on a standby
resume NODE              lets replay go on
delay NODE DURATION      delays replay on a standby: 500ms, 5s, 2m; 0 for none
promote NODE             makes a standby writable
follow NODE UPSTREAM     has a standby follow another node
rejoin NODE UPSTREAM     brings a stopped node back as a standby, with a fresh copy
terminate NODE DATABASE  ends all sessions on the database
synchronous NAMES        commits on primary wait for standbys: FIRST 1 (replica_1); off for none
flush redis              removes all keys
status                   a line per node: name, port, role, state, position in bytes
help                     this list
start, stop, kill, freeze and thaw take redis too
";

/// Answers commands for ever; also when nobody gives any more.
pub(crate) async fn serve(stack: &Stack) {
    let mut lines = lines();
    while let Some(line) = lines.recv().await {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        let answer = match answer(stack, &words).await {
            Ok(answer) => answer,
            Err(error) => format!("error: {}\n", format!("{error:#}").replace('\n', " | ")),
        };
        // The stack is of use also when nobody reads the answers.
        let _ = io::stdout().write_all(answer.as_bytes());
    }
    std::future::pending().await
}

/// A thread of its own reads: the runtime would wait for its own at the end, and a read from a terminal has no end.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        // In the background of a shell, reading would stop the whole command; so it fails, and there are no commands.
        let _ = SigSet::from(Signal::SIGTTIN).thread_block();
        for line in io::stdin().lock().split(b'\n').map_while(io::Result::ok) {
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    });
    receiver
}

async fn answer(stack: &Stack, words: &[&str]) -> Result<String> {
    let node = |name: &str| node(stack, name);
    let mut detail = String::new();
    match *words {
        ["help"] => return Ok(format!("{HELP}ok help\n")),
        ["status"] => return Ok(format!("{}ok status\n", status(stack).await?)),
        ["synchronous", "off"] => stack.set_synchronous("").await?,
        ["synchronous", _, ..] => stack.set_synchronous(&words[1..].join(" ")).await?,
        ["flush", "redis"] => redis(stack)?.flush().await?,
        ["start", "redis"] => redis(stack)?.start().await?,
        ["stop", "redis"] => redis(stack)?.stop().await?,
        ["kill", "redis"] => redis(stack)?.kill().await?,
        ["freeze", "redis"] => redis(stack)?.freeze().await?,
        ["thaw", "redis"] => redis(stack)?.thaw().await?,
        ["start", name] => node(name)?.start().await?,
        ["stop", name] => node(name)?.stop().await?,
        ["restart", name] => node(name)?.restart().await?,
        ["kill", name] => node(name)?.kill().await?,
        ["crash", name] => node(name)?.crash_back_end().await?,
        ["freeze", name] => node(name)?.freeze().await?,
        ["thaw", name] => node(name)?.thaw().await?,
        ["pause", name] => node(name)?.pause_replay().await?,
        ["resume", name] => node(name)?.resume_replay().await?,
        ["delay", name, delay] => node(name)?.set_apply_delay(duration(delay)?).await?,
        ["promote", name] => node(name)?.promote().await?,
        ["follow", name, upstream] => node(name)?.follow(node(upstream)?).await?,
        ["rejoin", name, upstream] => node(name)?.rejoin(node(upstream)?).await?,
        ["terminate", name, database] => {
            let ended = node(name)?.terminate_back_ends(database).await?;
            detail = format!(": {ended} sessions");
        }
        _ => return Err(misused(words)),
    }
    Ok(format!("ok {}{detail}\n", words.join(" ")))
}

fn node<'a>(stack: &'a Stack, name: &str) -> Result<&'a Node> {
    stack.node(name).with_context(|| {
        let names: Vec<&str> = nodes(stack).map(Node::name).collect();
        format!("no node {name:?}; there are {}", names.join(", "))
    })
}

fn nodes(stack: &Stack) -> impl Iterator<Item = &Node> {
    std::iter::once(stack.primary()).chain(stack.replicas())
}

fn redis(stack: &Stack) -> Result<&RedisServer> {
    stack.redis().context("this stack has no redis")
}

fn misused(words: &[&str]) -> anyhow::Error {
    let verb = words[0];
    match HELP.lines().find(|line| line.split(' ').next() == Some(verb)) {
        Some(usage) => anyhow::anyhow!("{:?} is not of the form {}", words.join(" "), form(usage)),
        None => anyhow::anyhow!("no command {verb:?}; help lists them"),
    }
}

/// What stands before the description in a line of the help.
fn form(usage: &str) -> &str {
    usage.split("  ").next().unwrap_or(usage)
}

/// A whole number of milliseconds, seconds or minutes.
fn duration(text: &str) -> Result<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let milliseconds = match &text[digits.len()..] {
        "" if text == "0" => Some(1),
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        _ => None,
    };
    let number = digits.parse::<u64>().ok().zip(milliseconds);
    let duration = number.and_then(|(number, unit)| number.checked_mul(unit)).map(Duration::from_millis);
    duration.with_context(|| format!("{text:?} is no duration such as 500ms, 5s or 2m"))
}

async fn status(stack: &Stack) -> Result<String> {
    let mut lines = String::new();
    for node in nodes(stack) {
        let state = state(node.pid().await, node.is_frozen().await?);
        let (role, position) = if state == "running" { role(node).await } else { ("-", "-".to_owned()) };
        writeln!(lines, "{} {} {role} {state} {position}", node.name(), node.port())?;
    }
    if let Some(redis) = stack.redis() {
        let state = state(redis.pid().await, redis.is_frozen().await?);
        writeln!(lines, "redis {} redis {state} -", redis.port())?;
    }
    Ok(lines)
}

fn state(pid: Option<u32>, is_frozen: bool) -> &'static str {
    match pid {
        Some(_) if is_frozen => "frozen",
        Some(_) => "running",
        None => "stopped",
    }
}

/// The role, and the position: written on a writable node, replayed on a standby. A server that doesn't answer has neither.
async fn role(node: &Node) -> (&'static str, String) {
    let (role, position) = match node.is_writable().await {
        Ok(true) => ("writable", node.position().await),
        Ok(false) => ("standby", node.replayed().await),
        Err(_) => return ("-", "-".to_owned()),
    };
    (role, position.map_or("-".to_owned(), |position| position.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit_unless_they_are_nothing() {
        let milliseconds = |text| duration(text).map(|duration| duration.as_millis()).ok();

        let read = ["0", "0s", "500ms", "5s", "2m"].map(milliseconds);
        let refused = ["", "5", "s", "-5s", "5h", "1.5s", "5 s", "99999999999999999999s", "999999999999999999m"];

        assert_eq!(read, [Some(0), Some(0), Some(500), Some(5_000), Some(120_000)]);
        for text in refused {
            let error = duration(text).expect_err("it is no duration").to_string();
            assert_eq!(error, format!("{text:?} is no duration such as 500ms, 5s or 2m"));
        }
    }

    #[test]
    fn misuse_is_answered_with_the_form_or_the_way_to_the_list() {
        let misused = |line: &str| misused(&line.split(' ').collect::<Vec<_>>()).to_string();

        assert_eq!(misused("follow replica_2"), "\"follow replica_2\" is not of the form follow NODE UPSTREAM");
        assert_eq!(misused("flush primary"), "\"flush primary\" is not of the form flush redis");
        assert_eq!(misused("explode primary"), "no command \"explode\"; help lists them");
    }
}
