//! Passwords, their hashes and tokens are told nobody: not in answers, explained or not, not in metrics, and not in what the server logs.

use serde_json::{Value, json};

use super::{FROM, PASSWORD, call, log_in, mailed_on_both, register, request_reset, reset, try_log_in, verified};
use crate::support::{Answer, EXPLAIN, Kind, Program, STAFF, Shop, SmtpServer, TestDatabase, on_both, run, until};

mailed_on_both!(a_token_is_in_its_message_alone);

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

async fn a_token_is_in_its_message_alone(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    let mut told = request_reset(shop, "ada@example.com").await.text;
    let token = smtp.mail("ada@example.com", 2).await.token();

    let now = chrono::Utc::now();
    assert_eq!(shop.count("user_tokens WHERE length(token_hash) = 32 AND expires_at > $1", now).await, 1);
    told += &reset(shop, &token, "short").await.text;
    told += &call(shop, "emailVerify", json!({ "token": token }), "email", &[STAFF, EXPLAIN]).await.text;
    let input = json!({ "token": token, "password": "another password" });
    told += &call(shop, "passwordReset", input, "endedSessionCount", &[STAFF, EXPLAIN]).await.text;
    told += &shop.http().get(shop.url("/metrics")).send().await.unwrap().text().await.unwrap();

    for secret in [&token, "another password", "$argon2id$"] {
        assert!(!told.contains(secret), "{secret:?} is told");
    }
}

/// A server in production, on a migrated database, that tells all it can in its log.
async fn talkative(folder: &std::path::Path, url: &str, smtp: &SmtpServer) -> Program {
    run(folder, &["migrate", "up"], &[("DATABASE_URL", url)]).await.succeeded();
    let smtp_url = smtp.url();
    let environment = [
        ("DATABASE_URL", url),
        ("STOREFRONT_ENV", "production"),
        ("STOREFRONT_SECRET_KEY", "a secret key of a test, long enough"),
        ("STOREFRONT_LOG", "trace"),
        ("STOREFRONT_SMTP_URL", smtp_url.as_str()),
        ("STOREFRONT_MAIL_FROM", FROM),
    ];
    Program::serve(folder, &environment).await
}

/// One mutation of a program.
async fn post(program: &Program, field: &str, input: Value, selection: &str, headers: &[(&str, &str)]) -> Answer {
    let ty = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let query =
        format!("mutation ($input: {ty}!) {{ {field}(input: $input) {{ {selection} userErrors {{ field code }} }} }}");
    program.post(json!({ "query": query, "variables": { "input": input } }), headers).await
}

/// Goes through the life of an account, and looks for secrets in all that the server has logged meanwhile.
async fn nothing_is_logged(url: &str) {
    let (folder, smtp) = (tempfile::tempdir().unwrap(), SmtpServer::start().await);
    let program = talkative(folder.path(), url, &smtp).await;
    let (ada, new) = ("ada@example.com", "a new password");

    let person = json!({ "email": ada, "name": "Ada", "password": PASSWORD });
    post(&program, "userRegister", person, "email", &[]).await.string("/userRegister/email");
    let to_verify = smtp.mail(ada, 1).await.token();
    post(&program, "emailVerify", json!({ "token": to_verify }), "email", &[]).await.string("/emailVerify/email");
    post(&program, "emailVerify", json!({ "token": to_verify }), "email", &[]).await;
    let mut sessions = Vec::new();
    for password in [WRONG, PASSWORD] {
        let input = json!({ "email": ada, "password": password });
        sessions.push(post(&program, "sessionCreate", input, "token", &[]).await.data("/sessionCreate/token").clone());
    }
    let bearer = format!("Bearer {}", sessions[1].as_str().unwrap());
    let who = json!({ "query": "{ viewer { user { email } } }" });
    program.post(who.clone(), &[("authorization", &bearer)]).await.string("/viewer/user/email");
    program.post(who, &[("authorization", &format!("{bearer}x"))]).await;
    smtp.refuse(1);
    for email in [ada, ada, "eve@example.com"] {
        post(&program, "passwordResetRequest", json!({ "email": email }), "email", &[]).await;
    }
    until("a message is refused", async || smtp.left_to_refuse() == 0).await;
    let to_reset = smtp.mail(ada, 2).await.token();
    let input = json!({ "token": to_reset, "password": new });
    let done = post(&program, "passwordReset", input, "endedSessionCount", &[]).await;
    assert_eq!(done.user_errors("passwordReset"), [""; 0]);
    let metrics = program.get("/metrics").await.text().await.unwrap();
    let (stdout, stderr) = program.stop().await;

    let told = [stdout, stderr, vec![metrics]].concat().join("\n");
    assert!(told.contains("storefront_messages_total") && told.contains("were not delivered"));
    for secret in [PASSWORD, WRONG, new, "sfs_", "sfu_", "$argon2id$", ada, "eve@example.com"] {
        let line = told.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret:?} is told");
    }
}

#[tokio::test]
async fn the_log_holds_no_secret_however_much_it_tells_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();

    nothing_is_logged(&format!("sqlite://{}", folder.path().join("shop.db").display())).await;
}

#[tokio::test]
async fn the_log_holds_no_secret_however_much_it_tells_on_postgres() {
    let database = TestDatabase::migrated(Kind::Postgres).await;

    nothing_is_logged(&database.url().await).await;

    database.remove().await;
}
