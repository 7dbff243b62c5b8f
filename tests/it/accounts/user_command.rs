//! `storefront user`: whom it makes, what it prints, and what it refuses.

use std::process::Stdio;

use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::{ask, try_log_in};
use crate::support::{Ended, Shop, TestDatabase, on_both, run};

on_both!(
    a_password_is_made_and_printed_once,
    a_password_is_read_from_the_standard_input,
    staff_may_do_everything_at_once,
    what_cannot_be_is_refused_and_nobody_is_made,
);

async fn user(url: &str, arguments: &[&str]) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &[&["user", "create"], arguments].concat(), &[("DATABASE_URL", url)]).await
}

/// The same with a text on the standard input.
async fn user_with(url: &str, arguments: &[&str], input: &str) -> Ended {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_storefront"));
    command.args(["user", "create"]).args(arguments).env_clear().env("DATABASE_URL", url);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    let ended = child.wait_with_output().await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { status: ended.status, stdout: text(ended.stdout), stderr: text(ended.stderr) }
}

const ADA: [&str; 4] = ["--email", "Ada@Example.com", "--name", "Ada Lovelace"];

async fn a_password_is_made_and_printed_once(shop: &Shop) {
    let url = shop.database_url().await;

    let made = user(&url, &ADA).await;

    assert!(made.stderr.contains("ada@example.com") && made.stderr.contains("a shopper"), "{made:?}");
    let stderr = made.stderr.clone();
    let password = made.succeeded();
    let password = password.strip_suffix('\n').unwrap();
    assert_eq!(password.len(), 24);
    assert!(!stderr.contains(password), "{stderr}");
    let token = try_log_in(shop, "ada@example.com", password).await.string("/sessionCreate/token");
    let query = "{ viewer { user { name email emailVerifiedAt } } }";
    let viewer = ask(shop, &format!("Bearer {token}"), query, json!({})).await;
    assert_eq!(viewer.string("/viewer/user/name"), "Ada Lovelace");
    assert!(viewer.data("/viewer/user/emailVerifiedAt").is_string());
}

async fn a_password_is_read_from_the_standard_input(shop: &Shop) {
    let url = shop.database_url().await;

    let made = user_with(&url, &[&ADA[..], &["--password-stdin"]].concat(), "correct horse\nsecond line\n").await;

    assert!(!made.stderr.contains("correct horse"), "{made:?}");
    assert_eq!(made.succeeded(), "");
    try_log_in(shop, "ada@example.com", "correct horse").await.string("/sessionCreate/token");
}

async fn staff_may_do_everything_at_once(shop: &Shop) {
    let url = shop.database_url().await;

    let made = user(&url, &[&ADA[..], &["--staff"]].concat()).await;

    assert!(made.stderr.contains("who is staff"), "{made:?}");
    let password = made.succeeded();
    let token = try_log_in(shop, "ada@example.com", password.trim()).await.string("/sessionCreate/token");
    let users = ask(shop, &format!("Bearer {token}"), "{ users { nodes { email } } }", json!({})).await;
    assert_eq!(users.strings("/users/nodes", "email"), ["ada@example.com"]);
}

async fn what_cannot_be_is_refused_and_nobody_is_made(shop: &Shop) {
    let url = shop.database_url().await;
    shop.user("ada@example.com").await;
    let before = shop.rows().await;

    for (arguments, told) in [
        (&ADA[..], "there is a user with this address already"),
        (&["--email", "ada", "--name", "Ada"], "\"ada\" is not an e-mail address"),
        (&["--email", "bob@example.com", "--name", " "], "name is blank"),
        (&["--email", "ada", "--name", ""], "is not an e-mail address such as \"ada@example.com\"; name is blank"),
        (&["--email", "bob@example.com"], "--name"),
        (&["--name", "Bob"], "--email"),
    ] {
        let refused = user(&url, arguments).await;
        assert!(refused.complaint().contains(told), "{arguments:?}: {refused:?}");
    }
    for (input, told) in [("short\n", "password has 5 characters, under the minimum of 8"), ("", "has 0 characters")] {
        let bob = ["--email", "bob@example.com", "--name", "Bob", "--password-stdin"];
        let refused = user_with(&url, &bob, input).await;
        assert!(refused.complaint().contains(told), "{refused:?}");
    }
    assert_eq!(shop.rows().await, before);
}

#[tokio::test]
async fn without_tables_nobody_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}", folder.path().join("new.db").display());
    let database = TestDatabase::empty_postgres().await;

    for url in [&sqlite, &database.url().await] {
        let refused = user(url, &ADA).await;
        assert!(refused.complaint().contains("run storefront migrate up"), "{refused:?}");
    }
    database.remove().await;
}
