//! Passwords, their hashes and tokens are told nobody: not in answers, explained or not, not in metrics, and not in what the server logs.

use serde_json::json;

use super::{PASSWORD, call, log_in, register, try_log_in};
use crate::support::{EXPLAIN, Program, STAFF, Shop, on_both};

on_both!(answers_explanations_and_metrics_hold_no_secret, the_database_holds_hashes_alone);

const WRONG: &str = "a wrong password";

async fn answers_explanations_and_metrics_hold_no_secret(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;
    let token = session.strip_prefix("Bearer ").unwrap();
    let mut told = String::new();

    for password in [PASSWORD, WRONG] {
        let input = json!({ "email": "ada@example.com", "password": password, "transport": "COOKIE" });
        told += &call(shop, "sessionCreate", input, "token session { id }", &[STAFF, EXPLAIN]).await.text;
    }
    let input = json!({ "currentPassword": WRONG, "newPassword": PASSWORD });
    let by = [("authorization", session.as_str()), EXPLAIN];
    told += &call(shop, "passwordChange", input, "endedSessionCount", &by).await.text;
    told += &shop.send("{ viewer { user { id email } } }", json!({}), &by).await.text;
    told += &shop.send("{ viewer { user { password } } }", json!({}), &by).await.text;
    told += &shop.send(&format!("{{ viewer(a: {WRONG:?}) {{ user }} }}"), json!({}), &by).await.text.replace(WRONG, "");
    told += &shop.send("{ users { nodes { id email name } } }", json!({}), &[STAFF, EXPLAIN]).await.text;
    told += &shop.http().get(shop.url("/metrics")).send().await.unwrap().text().await.unwrap();

    assert!(told.contains("storefront_logins_total"));
    for secret in [PASSWORD, WRONG, token, "$argon2id$"] {
        assert!(!told.contains(secret), "{secret:?} is told");
    }
}

async fn the_database_holds_hashes_alone(shop: &Shop) {
    register(shop, "ada@example.com").await;
    log_in(shop, "ada@example.com").await;

    let now = chrono::Utc::now();
    assert_eq!(
        shop.count("users WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%' AND created_at < $1", now).await,
        1
    );
    assert_eq!(shop.count("sessions WHERE length(token_hash) = 32 AND created_at < $1", now).await, 1);
    try_log_in(shop, "ada@example.com", WRONG).await;
    assert_eq!(
        shop.count("login_failures WHERE length(subject) = 32 AND failures = 1 AND since < $1", chrono::Utc::now())
            .await,
        2
    );
}

#[tokio::test]
async fn the_log_holds_no_secret_however_much_it_tells() {
    let folder = tempfile::tempdir().unwrap();
    let log = [("STOREFRONT_LOG", "trace")];
    let program = Program::serve(folder.path(), &log).await;
    let person = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
    let register = "mutation ($input: UserRegisterInput!) { userRegister(input: $input) { email } }";
    let log_in = "mutation ($e: String!, $p: String!) { sessionCreate(input: { email: $e, password: $p }) { token } }";

    program.post(json!({ "query": register, "variables": { "input": person } }), &[]).await;
    let mut tokens = Vec::new();
    for password in [WRONG, PASSWORD] {
        let variables = json!({ "e": "ada@example.com", "p": password });
        let answer = program.post(json!({ "query": log_in, "variables": variables }), &[]).await;
        tokens.push(answer.data("/sessionCreate/token").clone());
    }
    let bearer = format!("Bearer {}", tokens[1].as_str().unwrap());
    let who = json!({ "query": "{ viewer { user { email } } }" });
    program.post(who.clone(), &[("authorization", &bearer)]).await.string("/viewer/user/email");
    program.post(who, &[("authorization", &format!("{bearer}x"))]).await;
    let (stdout, stderr) = program.stop().await;

    let told = [stdout, stderr].concat().join("\n");
    assert!(!told.is_empty());
    for secret in [PASSWORD, WRONG, "sfs_", "$argon2id$"] {
        assert!(!told.contains(secret), "{secret:?} is in the log");
    }
}
