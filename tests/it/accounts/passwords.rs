//! Passwords: which are taken, how they are changed, and that a wrong one tells nothing.

use serde_json::json;

use super::{PASSWORD, call, email_of, log_in, register, try_log_in, write};
use crate::support::{STAFF, Shop, on_both};

on_both!(
    wrong_and_unknown_are_answered_alike,
    what_cannot_be_an_account_is_refused,
    an_address_is_taken_once,
    a_new_password_ends_all_other_sessions,
    a_wrong_password_changes_nothing,
    a_user_without_a_password_cannot_log_in,
);

async fn wrong_and_unknown_are_answered_alike(shop: &Shop) {
    register(shop, "ada@example.com").await;

    let wrong = try_log_in(shop, "ada@example.com", "correct horse").await;
    let unknown = try_log_in(shop, "eve@example.com", PASSWORD).await;
    let no_address = try_log_in(shop, "eve", PASSWORD).await;

    assert_eq!(wrong.user_errors("sessionCreate"), ["input INVALID"]);
    assert!(wrong.data("/sessionCreate/token").is_null());
    assert_eq!(wrong.text, unknown.text);
    assert_eq!(wrong.text, no_address.text);
    assert_eq!(wrong.text, try_log_in(shop, "a\0b@example.com", PASSWORD).await.text);
    let names = |answer: &crate::support::Answer| {
        let mut names: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(names(&wrong), names(&unknown));
}

async fn what_cannot_be_an_account_is_refused(shop: &Shop) {
    let long = "a".repeat(257);
    let input = |email: &str, name: &str, password: &str| json!({ "email": email, "name": name, "password": password });
    for (input, refusals) in [
        (input("ada", " ", "short"), vec!["input.email INVALID", "input.name BLANK", "input.password TOO_SHORT"]),
        (input("ada@example.com", "Ada", &long), vec!["input.password TOO_LONG"]),
        (input("ada@example.com", "Ada", ""), vec!["input.password TOO_SHORT"]),
    ] {
        let answer = call(shop, "userRegister", input.clone(), "email", &[]).await;

        assert_eq!(answer.user_errors("userRegister"), refusals);
        assert!(answer.data("/userRegister/email").is_null());
        let password = input["password"].as_str().unwrap();
        assert!(password.is_empty() || !answer.text.contains(password));
    }
    assert_eq!(shop.count("users WHERE created_at < $1", chrono::Utc::now()).await, 0);
}

async fn an_address_is_taken_once(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let before = shop.rows().await;

    let input = json!({ "email": "ADA@example.com", "name": "Eve", "password": "another password" });
    let answer = call(shop, "userRegister", input, "email", &[]).await;

    assert_eq!(answer.user_errors("userRegister"), ["input.email TAKEN"]);
    assert_eq!(shop.rows().await, before);
    assert!(email_of(shop, &log_in(shop, "ada@example.com").await).await.is_some());
}

async fn a_new_password_ends_all_other_sessions(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let (this, other) = (log_in(shop, "ada@example.com").await, log_in(shop, "ada@example.com").await);
    email_of(shop, &other).await.unwrap();

    let input = json!({ "currentPassword": PASSWORD, "newPassword": "another password" });
    let changed = write(shop, &this, "passwordChange", input, "endedSessionCount").await;

    assert_eq!(changed.data("/passwordChange/endedSessionCount"), &json!(1));
    assert!(email_of(shop, &this).await.is_some());
    assert_eq!(email_of(shop, &other).await, None);
    let old = try_log_in(shop, "ada@example.com", PASSWORD).await;
    assert_eq!(old.user_errors("sessionCreate"), ["input INVALID"]);
    try_log_in(shop, "ada@example.com", "another password").await.string("/sessionCreate/token");
}

async fn a_wrong_password_changes_nothing(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let (this, other) = (log_in(shop, "ada@example.com").await, log_in(shop, "ada@example.com").await);

    for (current, new, refusal) in [
        ("wrong", "another password", "input.currentPassword INVALID"),
        (PASSWORD, "short", "input.newPassword TOO_SHORT"),
    ] {
        let input = json!({ "currentPassword": current, "newPassword": new });
        let refused = write(shop, &this, "passwordChange", input.clone(), "endedSessionCount").await;
        assert_eq!(refused.user_errors("passwordChange"), [refusal]);
        for headers in [&[][..], &[STAFF]] {
            let by_others = call(shop, "passwordChange", input.clone(), "endedSessionCount", headers).await;
            assert_eq!(by_others.error().0, "UNAUTHENTICATED");
        }
    }
    assert!(email_of(shop, &other).await.is_some());
    log_in(shop, "ada@example.com").await;
}

async fn a_user_without_a_password_cannot_log_in(shop: &Shop) {
    shop.user("ada@example.com").await;

    for password in ["", "ada@example.com", PASSWORD] {
        let refused = try_log_in(shop, "ada@example.com", password).await;
        assert_eq!(refused.user_errors("sessionCreate"), ["input INVALID"]);
    }
}
