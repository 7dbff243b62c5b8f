//! By which way messages leave is a setting, and without one it is the log, in development alone.

use serde_json::json;

use super::PASSWORD;
use crate::support::{Program, run, until};

#[tokio::test]
async fn production_without_a_server_warns_once_and_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["migrate", "up"], &[]).await.succeeded();
    let production =
        [("STOREFRONT_ENV", "production"), ("STOREFRONT_SECRET_KEY", "a secret key of a test, long enough")];
    let program = Program::serve(folder.path(), &production).await;
    let person = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
    let register = "mutation ($input: UserRegisterInput!) { userRegister(input: $input) { email } }";
    program.post(json!({ "query": register, "variables": { "input": person } }), &[]).await;
    let ask = "mutation ($e: String!) { passwordResetRequest(input: { email: $e }) { email userErrors { code } } }";

    for email in ["ada@example.com", "eve@example.com"] {
        let answer = program.post(json!({ "query": ask, "variables": { "e": email } }), &[]).await;
        assert_eq!(answer.data("/passwordResetRequest"), &json!({ "email": email, "userErrors": [] }));
    }

    let (_, log) = program.stop().await;
    let warnings = log.iter().filter(|line| line.contains("STOREFRONT_SMTP_URL is not set")).count();
    assert_eq!(warnings, 1, "{log:?}");
    assert!(!log.iter().any(|line| line.contains("sfu_") || line.contains("ada@example.com")), "{log:?}");
}

#[tokio::test]
async fn in_development_the_log_shows_what_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let program = Program::serve(folder.path(), &[("STOREFRONT_SHOP_URL", "http://localhost:3000")]).await;
    let person = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
    let register = "mutation ($input: UserRegisterInput!) { userRegister(input: $input) { email } }";

    program.post(json!({ "query": register, "variables": { "input": person } }), &[]).await;

    let link =
        || program.stderr().into_iter().find(|line| line.starts_with("http://localhost:3000/email-verify#token="));
    until("the link is shown", async || link().is_some()).await;
    let token = link().unwrap().split_once("token=").unwrap().1.to_owned();
    let verify = "mutation ($t: String!) { emailVerify(input: { token: $t }) { email } }";
    let answer = program.post(json!({ "query": verify, "variables": { "t": token } }), &[]).await;
    assert_eq!(answer.string("/emailVerify/email"), "ada@example.com");
    program.stop().await;
}

#[tokio::test]
async fn a_mail_server_that_is_none_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let (url, from, shop) = ("STOREFRONT_SMTP_URL", "STOREFRONT_MAIL_FROM", "STOREFRONT_SHOP_URL");
    let sender = (from, "shop@example.com");

    for (environment, told) in [
        (vec![(url, "https://mail.example.com"), sender], "STOREFRONT_SMTP_URL begins with \"https\""),
        (vec![(url, "smtps://mail.example.com")], "STOREFRONT_MAIL_FROM is not"),
        (vec![(url, "smtps://mail.example.com"), (from, "the shop")], "STOREFRONT_MAIL_FROM is \"the shop\""),
        (vec![(url, "smtp://ada:hunter2@mail.example.com"), sender], "to mail.example.com in clear text"),
        (vec![(shop, "shop.example")], "STOREFRONT_SHOP_URL is \"shop.example\""),
        (vec![(shop, "https://shop.example/?page=1")], "STOREFRONT_SHOP_URL is"),
    ] {
        let ended = run(folder.path(), &[], &environment).await;

        assert!(ended.complaint().contains(told), "{}", ended.complaint());
        assert!(!ended.complaint().contains("hunter2"));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let none = [(url, ""), (from, ""), (shop, "")];
    let program = Program::serve(folder.path(), &none).await;
    let answer = program.post(json!({ "query": "{ __typename }" }), &[]).await;
    assert_eq!(answer.string("/__typename"), "Query");
    program.stop().await;
}
