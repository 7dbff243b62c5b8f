//! New passwords by mail: who may choose one, once, and what ends with the old one.

use futures_util::future::join_all;
use serde_json::json;

use super::{
    PASSWORD, call, email_of, in_force, log_in, mailed_on_both, request_reset, reset, try_log_in, verified, verify,
    waiting, write,
};
use crate::support::{Answer, EXPLAIN, Kind, Shop, SmtpServer, on_both, until};

mailed_on_both!(
    a_known_and_an_unknown_address_are_answered_alike_after_the_same_work,
    a_new_password_ends_every_session,
    a_new_password_makes_failed_logins_forgotten,
    a_token_is_used_once_however_many_come_at_a_time,
    what_is_no_token_in_force_is_refused_alike,
    a_password_that_is_refused_leaves_the_token,
    a_password_that_was_changed_leaves_no_token,
    whoever_has_no_password_yet_chooses_one,
    a_mailbox_is_not_flooded,
);

on_both!(what_cannot_be_an_address_is_refused, without_a_mail_server_the_answer_is_the_same);

async fn reset_token(shop: &Shop, smtp: &SmtpServer, email: &str) -> String {
    let number = smtp.arrived_for(email).len() + 1;
    assert_eq!(request_reset(shop, email).await.string("/passwordResetRequest/email"), email);
    let mail = smtp.mail(email, number).await;
    assert_eq!(mail.subject, "Choose a new password");
    assert!(mail.text.contains("\nhttps://shop.example/password-reset#token=sfu_"), "{}", mail.text);
    mail.token()
}

async fn a_known_and_an_unknown_address_are_answered_alike_after_the_same_work(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    let ask =
        async |email: &str| call(shop, "passwordResetRequest", json!({ "email": email }), "email", &[EXPLAIN]).await;

    let (known, unknown) = (ask("ada@example.com").await, ask("eve@example.com").await);

    let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&known), names(&unknown));
    assert_eq!(known.json["data"]["passwordResetRequest"]["userErrors"], json!([]));
    assert_eq!(known.json["data"].to_string().replace("ada@", "eve@"), unknown.json["data"].to_string());
    let ran = |answer: &Answer| {
        let statements = answer.json["extensions"]["explain"]["statements"].as_array().unwrap();
        statements.iter().map(|statement| statement["sql"].clone()).collect::<Vec<_>>()
    };
    assert!(!ran(&known).is_empty());
    assert_eq!(ran(&known), ran(&unknown));
    smtp.mail("ada@example.com", 2).await;
    until("nothing waits", async || waiting(shop).await == 0).await;
    assert_eq!(smtp.arrived_for("eve@example.com").len(), 0);
}

async fn a_new_password_ends_every_session(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    verified(shop, &smtp, "bob@example.com").await;
    let sessions = [log_in(shop, "ada@example.com").await, log_in(shop, "ada@example.com").await];
    let bob = log_in(shop, "bob@example.com").await;
    for session in &sessions {
        email_of(shop, session).await.unwrap();
    }
    let (token, second) =
        (reset_token(shop, &smtp, "ada@example.com").await, reset_token(shop, &smtp, "ada@example.com").await);

    let done = reset(shop, &token, "another password").await;

    assert_eq!(done.data("/passwordReset/endedSessionCount"), &json!(2));
    for session in &sessions {
        assert_eq!(email_of(shop, session).await, None);
    }
    assert!(email_of(shop, &bob).await.is_some());
    let old = try_log_in(shop, "ada@example.com", PASSWORD).await;
    assert_eq!(old.user_errors("sessionCreate"), ["input INVALID"]);
    try_log_in(shop, "ada@example.com", "another password").await.string("/sessionCreate/token");
    let again = reset(shop, &second, "a third password").await;
    assert_eq!(again.user_errors("passwordReset"), ["input.token INVALID"]);
}

async fn a_new_password_makes_failed_logins_forgotten(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    // From where they are known.
    log_in(shop, "ada@example.com").await;
    for _ in 0..10 {
        try_log_in(shop, "ada@example.com", "wrong").await;
    }
    assert_eq!(try_log_in(shop, "ada@example.com", PASSWORD).await.status, 429);

    let token = reset_token(shop, &smtp, "ada@example.com").await;
    assert_eq!(reset(shop, &token, "another password").await.user_errors("passwordReset"), [""; 0]);

    try_log_in(shop, "ada@example.com", "another password").await.string("/sessionCreate/token");
}

async fn a_token_is_used_once_however_many_come_at_a_time(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    let token = reset_token(shop, &smtp, "ada@example.com").await;
    let passwords: Vec<String> = (0..20).map(|index| format!("password number {index}")).collect();

    let answers = join_all(passwords.iter().map(|password| reset(shop, &token, password))).await;

    let has_won = |answer: &&Answer| answer.json["data"]["passwordReset"]["userErrors"] == json!([]);
    assert_eq!(answers.iter().filter(has_won).count(), 1);
    for (answer, password) in answers.iter().zip(&passwords) {
        if has_won(&answer) {
            try_log_in(shop, "ada@example.com", password).await.string("/sessionCreate/token");
        } else if answer.status != 503 {
            assert_eq!(answer.user_errors("passwordReset"), ["input.token INVALID"]);
        }
    }
    assert_eq!(in_force(shop).await, 0);
}

async fn what_is_no_token_in_force_is_refused_alike(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    super::register(shop, "bob@example.com").await;
    let (old, to_verify) =
        (reset_token(shop, &smtp, "ada@example.com").await, smtp.mail("bob@example.com", 1).await.token());
    let a_moment_ago = chrono::Utc::now() - chrono::TimeDelta::seconds(1);
    shop.sql("UPDATE user_tokens SET expires_at = $1 WHERE purpose = 'RESET'", vec![a_moment_ago.into()]).await;
    let forged = format!("sfu_{}", "A".repeat(43));
    let session = log_in(shop, "ada@example.com").await;

    let mut texts = Vec::new();
    for token in ["", "x", &forged, &old, &to_verify, session.strip_prefix("Bearer ").unwrap()] {
        let refused = reset(shop, token, "another password").await;
        assert_eq!(refused.user_errors("passwordReset"), ["input.token INVALID"]);
        texts.push(refused.text);
    }
    texts.dedup();
    assert_eq!(texts.len(), 1);
    for token in ["", "x", &forged, &old] {
        assert_eq!(verify(shop, token).await.user_errors("emailVerify"), ["input.token INVALID"]);
    }
    shop.sql("UPDATE user_tokens SET expires_at = $1", vec![a_moment_ago.into()]).await;
    assert_eq!(verify(shop, &to_verify).await.user_errors("emailVerify"), ["input.token INVALID"]);
    assert!(email_of(shop, &session).await.is_some());
}

async fn a_password_that_is_refused_leaves_the_token(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    let token = reset_token(shop, &smtp, "ada@example.com").await;

    let refused = reset(shop, &token, "short").await;

    assert_eq!(refused.user_errors("passwordReset"), ["input.password TOO_SHORT"]);
    assert_eq!(reset(shop, &token, "another password").await.user_errors("passwordReset"), [""; 0]);
}

async fn a_password_that_was_changed_leaves_no_token(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    let token = reset_token(shop, &smtp, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;

    let input = json!({ "currentPassword": PASSWORD, "newPassword": "another password" });
    let changed = write(shop, &session, "passwordChange", input, "endedSessionCount").await;
    assert_eq!(changed.user_errors("passwordChange"), [""; 0]);

    let refused = reset(shop, &token, "a third password").await;
    assert_eq!(refused.user_errors("passwordReset"), ["input.token INVALID"]);
}

async fn whoever_has_no_password_yet_chooses_one(shop: &Shop, smtp: SmtpServer) {
    shop.user("ada@example.com").await;
    let token = reset_token(shop, &smtp, "ada@example.com").await;

    assert_eq!(reset(shop, &token, PASSWORD).await.user_errors("passwordReset"), [""; 0]);

    let session = log_in(shop, "ada@example.com").await;
    let query = "{ viewer { user { emailVerifiedAt } } }";
    assert!(super::ask(shop, &session, query, json!({})).await.data("/viewer/user/emailVerifiedAt").is_string());
}

async fn a_mailbox_is_not_flooded(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;

    for _ in 0..9 {
        assert_eq!(request_reset(shop, "ada@example.com").await.user_errors("passwordResetRequest"), [""; 0]);
    }
    let throttled = request_reset(shop, "ADA@example.com").await;

    assert_eq!((throttled.status, throttled.error().0.as_str()), (429, "THROTTLED"));
    until("nothing waits", async || waiting(shop).await == 0).await;
    assert_eq!(smtp.arrived_for("ada@example.com").len(), 1 + 5);
    assert_eq!(in_force(shop).await, 5);
}

async fn what_cannot_be_an_address_is_refused(shop: &Shop) {
    for email in ["", "ada", "a b@example.com", "ada@example.com\r\nBcc: eve@example.com"] {
        let refused = request_reset(shop, email).await;
        assert_eq!(refused.user_errors("passwordResetRequest"), ["input.email INVALID"], "{email:?}");
    }
    assert_eq!(waiting(shop).await, 0);
}

async fn without_a_mail_server_the_answer_is_the_same(shop: &Shop) {
    shop.user("ada@example.com").await;

    for email in ["ada@example.com", "eve@example.com"] {
        assert_eq!(request_reset(shop, email).await.string("/passwordResetRequest/email"), email);
    }
    until("nothing waits", async || waiting(shop).await == 0).await;
}

#[tokio::test]
async fn aliases_are_counted_one_by_one() {
    let flags = ["--max-mutations", "20", "--request-timeout-ms", "30000"];
    let shop = Shop::start_with(Kind::Sqlite, &flags).await;
    let one = |index: usize| {
        format!("a{index}: passwordResetRequest(input: {{ email: \"ada@example.com\" }}) {{ userErrors {{ code }} }} ")
    };
    let twenty: String = (0..20).map(one).collect();

    let answer = shop.ask(&format!("mutation {{ {twenty} }}"), json!({})).await;

    let throttled = answer.json["errors"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    assert_eq!(throttled.len(), 10, "{}", answer.text);
    assert!(throttled.iter().all(|error| error["extensions"]["code"] == "THROTTLED"), "{}", answer.text);
    shop.stop().await;
}
