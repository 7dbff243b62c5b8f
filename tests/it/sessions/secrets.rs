//! Passwords, tokens and their hashes are nowhere but where they belong: whatever goes wrong, on a fleet with Redis, with all that is logged.

use std::fmt::Write as _;

use devstack::StackOptions;
use serde_json::{Value, json};
use storefront::auth::KeyHash;

use crate::accounts::PASSWORD;
use crate::support::{EXPLAIN, Fleet, Program, SECRET, STAFF, STAFF_KEY, until};

const WRONG: &str = "a wrong password";
const NEW: &str = "another horse battery";

/// All that a program is told and tells.
struct Listener {
    program: Program,
    told: String,
}

impl Listener {
    async fn send(&mut self, query: &str, variables: Value, headers: &[(&str, &str)]) -> Value {
        let headers = [headers, &[EXPLAIN]].concat();
        let answer = self.program.post(json!({ "query": query, "variables": variables }), &headers).await;
        // The one place where a token is told.
        let token = answer.json["data"]["sessionCreate"]["token"].as_str().unwrap_or("no token").to_owned();
        writeln!(self.told, "{:?} {}", answer.headers, answer.text.replace(&token, "")).unwrap();
        answer.json
    }

    async fn log_in(&mut self, password: &str) -> String {
        let query =
            "mutation ($p: String!) { sessionCreate(input: { email: \"ada@example.com\", password: $p }) { token } }";
        let answer = self.send(query, json!({ "p": password }), &[]).await;
        answer["data"]["sessionCreate"]["token"].as_str().unwrap_or_default().to_owned()
    }

    async fn ask(&mut self, token: &str, query: &str) -> Value {
        self.send(query, json!({}), &[("authorization", &format!("Bearer {token}")), STAFF]).await
    }
}

#[tokio::test]
async fn nothing_that_goes_wrong_tells_a_secret() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let (folder, primary, redis) = (tempfile::tempdir().unwrap(), fleet.primary_url(), fleet.redis().url());
    let environment = [
        ("DATABASE_URL", primary.as_str()),
        ("REDIS_URL", &redis),
        ("STOREFRONT_SECRET_KEY", SECRET),
        ("STOREFRONT_STAFF_KEY", STAFF_KEY),
        ("STOREFRONT_LOG", "trace"),
        ("STOREFRONT_CONNECTION_WAIT_MS", "500"),
        ("STOREFRONT_HEALTH_TIMEOUT_MS", "400"),
    ];
    let program = Program::serve(folder.path(), &environment).await;
    let mut listener = Listener { program, told: String::new() };
    let who = "{ viewer { user { email } } }";

    let register =
        "mutation ($input: UserRegisterInput!) { userRegister(input: $input) { email userErrors { message } } }";
    let person = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
    for _ in 0..2 {
        listener.send(register, json!({ "input": person }), &[]).await;
    }
    listener.log_in(WRONG).await;
    let (token, ended) = (listener.log_in(PASSWORD).await, listener.log_in(PASSWORD).await);
    for token in [&token, &ended, &format!("{token}x"), &format!("sfs_{}", "A".repeat(43))] {
        listener.ask(token, who).await;
    }
    listener.ask(&ended, "mutation { sessionDelete(input: {}) { deletedSessionId } }").await;
    listener.ask(&ended, who).await;
    let change = "mutation ($old: String!, $new: String!) { passwordChange(input: { currentPassword: $old, newPassword: $new }) { userErrors { message } } }";
    for (old, new) in [(WRONG, NEW), (PASSWORD, "short"), (PASSWORD, NEW)] {
        let variables = json!({ "old": old, "new": new });
        listener.send(change, variables, &[("authorization", &format!("Bearer {token}"))]).await;
    }
    listener
        .ask(&token, &format!("mutation {{ sessionCreate(input: {{ email: 1, password: {WRONG:?} }}) {{ token }} }}"))
        .await;

    // Redis and the primary go away.
    fleet.redis().kill().await.unwrap();
    let other = listener.log_in(NEW).await;
    listener.ask(&other, "mutation { sessionDeleteAll(input: { keepsThis: true }) { endedSessionCount } }").await;
    let is_told = || listener.program.stderr().iter().any(|line| line.contains("Redis is not reached"));
    until("the log tells that Redis is away", async || is_told()).await;
    fleet.primary().stop().await.unwrap();
    let fresh = format!("{other}x");
    until("a login fails", async || {
        listener.log_in(NEW).await;
        listener.ask(&fresh, who).await;
        listener.told.contains("UNAVAILABLE")
    })
    .await;
    let metrics = listener.program.get("/metrics").await.text().await.unwrap();
    let Listener { program, told } = listener;
    let (stdout, stderr) = program.stop().await;

    let log = [stdout, stderr].concat().join("\n");
    let hash = |token: &str| -> String {
        let hash = KeyHash::of_session(token).unwrap();
        hash.bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    };
    for (name, text) in [("answers", &told), ("metrics", &metrics), ("the log", &log)] {
        let text = if name == "answers" { text.replace(&format!("{WRONG:?}"), "") } else { text.clone() };
        for secret in
            [PASSWORD, WRONG, NEW, &token[4..], &ended[4..], &hash(&token), &hash(&ended), "$argon2id$", SECRET]
        {
            assert!(!text.contains(secret), "{secret:?} is in {name}");
        }
    }
    fleet.end().await;
}
