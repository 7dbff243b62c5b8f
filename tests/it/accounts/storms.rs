//! Many logins: counted by account and by address, on one instance or several, one after the other or at once.

use futures_util::future::join_all;
use serde_json::json;

use super::{PASSWORD, call, email_of, log_in, register, try_log_in};
use crate::support::{Answer, Shop, on_both};

on_both!(
    an_account_takes_ten_wrong_passwords,
    an_address_takes_thirty_failures,
    a_right_password_is_no_failure,
    aliases_are_counted_one_by_one,
    many_at_once_are_not_more,
);

fn assert_throttled(answer: &Answer) {
    assert_eq!((answer.status, answer.error().0.as_str()), (429, "THROTTLED"), "{}", answer.text);
    let secs: u64 = answer.headers["retry-after"].to_str().unwrap().parse().unwrap();
    // What was spent comes back a thirtieth of the period late at most.
    assert!((1..=930).contains(&secs));
}

async fn an_account_takes_ten_wrong_passwords(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;

    for email in ["ada@example.com", "nobody@example.com"] {
        for _ in 0..10 {
            let wrong = try_log_in(shop, email, "wrong").await;
            assert_eq!(wrong.user_errors("sessionCreate"), ["input INVALID"]);
        }
        assert_throttled(&try_log_in(shop, email, PASSWORD).await);
    }
    assert!(email_of(shop, &session).await.is_some());
}

async fn an_address_takes_thirty_failures(shop: &Shop) {
    register(shop, "ada@example.com").await;
    for index in 0..30 {
        let wrong = try_log_in(shop, &format!("user{index}@example.com"), "wrong").await;
        assert_eq!(wrong.user_errors("sessionCreate"), ["input INVALID"]);
    }

    assert_throttled(&try_log_in(shop, "ada@example.com", PASSWORD).await);
    let input = json!({ "email": "bob@example.com", "name": "Bob", "password": PASSWORD });
    assert_throttled(&call(shop, "userRegister", input, "email", &[]).await);
}

async fn a_right_password_is_no_failure(shop: &Shop) {
    register(shop, "ada@example.com").await;
    for _ in 0..9 {
        try_log_in(shop, "ada@example.com", "wrong").await;
    }
    for _ in 0..5 {
        log_in(shop, "ada@example.com").await;
    }

    let after = try_log_in(shop, "ada@example.com", "wrong").await;
    assert_eq!(after.user_errors("sessionCreate"), ["input INVALID"]);
}

async fn aliases_are_counted_one_by_one(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let one = |index: usize| {
        format!("a{index}: sessionCreate(input: {{ email: \"ada@example.com\", password: \"wrong\" }}) {{ token }} ")
    };
    let twenty: String = (0..20).map(one).collect();

    let answer = shop.ask(&format!("mutation {{ {twenty} }}"), json!({})).await;

    if answer.json.get("data").is_some_and(|data| !data.is_null()) {
        let throttled = answer.json["errors"].as_array().unwrap();
        assert_eq!(throttled.len(), 10, "{}", answer.text);
        assert!(throttled.iter().all(|error| error["extensions"]["code"] == "THROTTLED"));
    } else {
        assert_eq!(answer.error().0, "BAD_USER_INPUT", "{}", answer.text);
    }
}

async fn many_at_once_are_not_more(shop: &Shop) {
    register(shop, "ada@example.com").await;

    let answers = join_all((0..16).map(|_| try_log_in(shop, "ada@example.com", "wrong"))).await;

    assert_eq!(answers.iter().filter(|answer| answer.status == 429).count(), 6);
}
