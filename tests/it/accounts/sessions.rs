//! Sessions as a bearer token: from login to logout, and what is no session.

use serde_json::json;

use super::{PASSWORD, ask, call, email_of, log_in, register, try_log_in, write};
use crate::support::{STAFF, Shop, on_both};

on_both!(
    whoever_registers_logs_in_and_sees_themselves,
    nobody_and_the_staff_key_have_no_viewer,
    a_session_that_was_ended_is_over_at_once,
    all_sessions_end_together_or_all_but_this_one,
    a_session_of_someone_else_is_not_ended,
    what_is_no_session_is_refused_before_anything_runs,
    a_session_that_is_over_or_was_deleted_is_refused,
    a_session_that_is_used_lives_on,
    a_session_of_staff_is_staff,
    several_sessions_are_refused,
);

async fn whoever_registers_logs_in_and_sees_themselves(shop: &Shop) {
    let id = register(shop, "Ada@Example.com").await;

    let session = log_in(shop, "ADA@example.com").await;

    assert!(session.starts_with("Bearer sfs_"));
    let query = "{ viewer { user { id email name } orders { totalCount { count } nodes { id } } } }";
    let expected = json!({ "viewer": {
        "user": { "id": id, "email": "ada@example.com", "name": "Ada@Example.com" },
        "orders": { "totalCount": { "count": 0 }, "nodes": [] },
    } });
    assert_eq!(ask(shop, &session, query, json!({})).await.data(""), &expected);
}

async fn nobody_and_the_staff_key_have_no_viewer(shop: &Shop) {
    for headers in [&[][..], &[STAFF], &[("authorization", "Basic YTpi")]] {
        let answer = shop.send("{ viewer { user { id } } }", json!({}), headers).await;

        assert_eq!(answer.data(""), &json!({ "viewer": null }));
    }
    for field in ["sessionDelete", "sessionDeleteAll"] {
        assert_eq!(call(shop, field, json!({}), "", &[]).await.error().0, "UNAUTHENTICATED");
        assert_eq!(call(shop, field, json!({}), "", &[STAFF]).await.error().0, "UNAUTHENTICATED");
    }
}

async fn a_session_that_was_ended_is_over_at_once(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let (one, other) = (log_in(shop, "ada@example.com").await, log_in(shop, "ada@example.com").await);
    let third = try_log_in(shop, "ada@example.com", PASSWORD).await;
    let third_id = third.string("/sessionCreate/session/id");
    let third = format!("Bearer {}", third.string("/sessionCreate/token"));
    for session in [&one, &other, &third] {
        assert!(email_of(shop, session).await.is_some());
    }

    write(shop, &one, "sessionDelete", json!({}), "deletedSessionId").await.string("/sessionDelete/deletedSessionId");
    assert_eq!(email_of(shop, &one).await, None);
    assert!(email_of(shop, &other).await.is_some());

    let by_id = write(shop, &other, "sessionDelete", json!({ "id": third_id }), "deletedSessionId").await;
    assert_eq!(by_id.string("/sessionDelete/deletedSessionId"), third_id);
    assert_eq!(email_of(shop, &third).await, None);
    assert!(email_of(shop, &other).await.is_some());
    let again = write(shop, &other, "sessionDelete", json!({ "id": third_id }), "deletedSessionId").await;
    assert_eq!(again.user_errors("sessionDelete"), ["input.id NOT_FOUND"]);
}

async fn all_sessions_end_together_or_all_but_this_one(shop: &Shop) {
    register(shop, "ada@example.com").await;
    register(shop, "bob@example.com").await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        sessions.push(log_in(shop, "ada@example.com").await);
    }
    let bob = log_in(shop, "bob@example.com").await;
    for session in &sessions {
        email_of(shop, session).await.unwrap();
    }

    let kept = write(shop, &sessions[0], "sessionDeleteAll", json!({ "keepsThis": true }), "endedSessionCount").await;
    assert_eq!(kept.data("/sessionDeleteAll/endedSessionCount"), &json!(2));
    assert!(email_of(shop, &sessions[0]).await.is_some());
    assert_eq!(email_of(shop, &sessions[1]).await, None);
    let all = write(shop, &sessions[0], "sessionDeleteAll", json!({}), "endedSessionCount").await;

    assert_eq!(all.data("/sessionDeleteAll/endedSessionCount"), &json!(1));
    assert_eq!(email_of(shop, &sessions[0]).await, None);
    assert!(email_of(shop, &bob).await.is_some());
}

async fn a_session_of_someone_else_is_not_ended(shop: &Shop) {
    register(shop, "ada@example.com").await;
    register(shop, "bob@example.com").await;
    let ada = try_log_in(shop, "ada@example.com", PASSWORD).await;
    let (id, ada) = (ada.string("/sessionCreate/session/id"), ada.string("/sessionCreate/token"));
    let bob = log_in(shop, "bob@example.com").await;

    let refused = write(shop, &bob, "sessionDelete", json!({ "id": id }), "deletedSessionId").await;
    let by_nobody = call(shop, "sessionDelete", json!({ "id": id }), "deletedSessionId", &[]).await;
    let node = ask(shop, &bob, "query ($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;

    assert_eq!(refused.user_errors("sessionDelete"), ["input.id NOT_FOUND"]);
    assert_eq!(by_nobody.error().0, "UNAUTHENTICATED");
    assert_eq!(node.data(""), &json!({ "node": null }));
    assert!(email_of(shop, &format!("Bearer {ada}")).await.is_some());
}

async fn what_is_no_session_is_refused_before_anything_runs(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;
    let forged = format!("Bearer sfs_{}", "A".repeat(43));
    let swapped = session.replacen("sfs_", "sf_", 1);

    let longer = format!("{session}A");
    for sent in
        ["Bearer", "bearer ", "Bearer\tx", "Bearer x", "bearer null", &forged, &swapped, &longer, &session[..45]]
    {
        for query in ["{ viewer { user { id } } }", "{ __typename }", "not even GraphQL"] {
            let answer = ask(shop, sent, query, json!({})).await;
            assert_eq!((answer.status, answer.error().0.as_str()), (401, "UNAUTHENTICATED"), "{sent}");
            assert_eq!(answer.headers["www-authenticate"], "Bearer error=\"invalid_token\"", "{sent}");
            assert_eq!(answer.json.get("data"), None);
        }
    }
    assert!(email_of(shop, &session).await.is_some());
}

async fn a_session_that_is_over_or_was_deleted_is_refused(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;
    shop.sql("UPDATE sessions SET expires_at = $1", vec![(chrono::Utc::now() - chrono::TimeDelta::seconds(1)).into()])
        .await;
    assert_eq!(email_of(shop, &session).await, None);

    let session = log_in(shop, "ada@example.com").await;
    shop.sql("DELETE FROM sessions", vec![]).await;
    assert_eq!(email_of(shop, &session).await, None);
}

async fn a_session_that_is_used_lives_on(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;
    let (now, old) = (chrono::Utc::now(), chrono::Utc::now() - chrono::TimeDelta::hours(2));
    let soon = now + chrono::TimeDelta::minutes(10);
    shop.sql("UPDATE sessions SET used_at = $1, expires_at = $2", vec![old.into(), soon.into()]).await;

    email_of(shop, &session).await.unwrap();

    let later = now + chrono::TimeDelta::days(6);
    crate::support::until("the session lives on", async || {
        shop.count("sessions WHERE expires_at > $1", later).await == 1
    })
    .await;
}

async fn a_session_of_staff_is_staff(shop: &Shop) {
    register(shop, "ada@example.com").await;
    register(shop, "bob@example.com").await;
    shop.sql("UPDATE users SET role = 'STAFF' WHERE email = 'ada@example.com'", vec![]).await;
    let (ada, bob) = (log_in(shop, "ada@example.com").await, log_in(shop, "bob@example.com").await);
    let input = json!({ "slug": "acme", "name": "Acme", "currencyCode": "EUR" });

    let by_shopper = write(shop, &bob, "storeCreate", input.clone(), "store { id }").await;
    let by_staff = write(shop, &ada, "storeCreate", input, "store { slug }").await;

    assert_eq!(by_shopper.error().0, "FORBIDDEN");
    assert_eq!(by_staff.string("/storeCreate/store/slug"), "acme");
    assert_eq!(ask(shop, &bob, "{ users { nodes { id } } }", json!({})).await.error().0, "FORBIDDEN");
    let users = ask(shop, &ada, "{ users { totalCount { count } } }", json!({})).await;
    assert_eq!(users.data("/users/totalCount/count"), &json!(2));
}

async fn several_sessions_are_refused(shop: &Shop) {
    register(shop, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;
    let cookie = format!("__Host-storefront_session={}", &session["Bearer ".len()..]);

    for headers in [
        [("authorization", session.as_str()), ("authorization", session.as_str())],
        [("authorization", session.as_str()), ("cookie", cookie.as_str())],
    ] {
        let answer = shop.send("{ viewer { user { id } } }", json!({}), &headers).await;

        assert_eq!((answer.status, answer.error().0.as_str()), (400, "BAD_USER_INPUT"), "{}", answer.text);
    }
}
