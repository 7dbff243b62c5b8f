//! Sessions on two instances with one Redis: begun on one and good on the other at once, ended on one and refused on the other within moments.

use std::time::Duration;

use devstack::StackOptions;
use sea_orm::ConnectionTrait;
use serde_json::json;
use storefront::auth::{KeyHash, SecretKey, Terms};

use super::look_up::join;
use super::onlooker::{ALWAYS_ASKING, LONG, Onlooker};
use crate::accounts::{PASSWORD, call, email_of, log_in, write};
use crate::support::{Fleet, SECRET, STAFF, Shop, until};

/// Waits until a session is refused: long before the primary's word is old.
async fn until_refused(shop: &Shop, session: &str) {
    until("the session is refused", async || {
        shop.send("{ __typename }", json!({}), &[("authorization", session)]).await.status == 401
    })
    .await;
}

async fn known_to_both(instances: [&Shop; 2], email: &str) -> String {
    let session = log_in(instances[0], email).await;
    for shop in instances {
        assert_eq!(email_of(shop, &session).await.as_deref(), Some(email));
    }
    session
}

#[tokio::test]
async fn what_ends_a_session_on_one_instance_ends_it_on_the_other() {
    let fleet = Fleet::shared().await;
    let (one, other) = (fleet.cached(&[]).await, fleet.cached(&[]).await);
    for email in ["ada@example.com", "bob@example.com"] {
        join(&one, email).await;
    }
    fleet.stack().await_replay().await.unwrap();
    let both = [&one, &other];
    let stays = known_to_both(both, "bob@example.com").await;

    // Logged out.
    let session = known_to_both(both, "ada@example.com").await;
    write(&one, &session, "sessionDelete", json!({}), "deletedSessionId")
        .await
        .string("/sessionDelete/deletedSessionId");
    assert_eq!(email_of(&one, &session).await, None);
    until_refused(&other, &session).await;

    // Everywhere but here, from the other one.
    let (session, here) = (known_to_both(both, "ada@example.com").await, known_to_both(both, "ada@example.com").await);
    let ended = write(&other, &here, "sessionDeleteAll", json!({ "keepsThis": true }), "endedSessionCount").await;
    assert_eq!(ended.data("/sessionDeleteAll/endedSessionCount"), &json!(1));
    until_refused(&one, &session).await;

    // By another password.
    let session = known_to_both(both, "ada@example.com").await;
    let input = json!({ "currentPassword": PASSWORD, "newPassword": "another password" });
    write(&one, &here, "passwordChange", input, "endedSessionCount").await.data("/passwordChange/endedSessionCount");
    until_refused(&other, &session).await;
    assert!(email_of(&other, &here).await.is_some());

    // With the user.
    let id = one.ask_as_staff("{ user(email: \"ada@example.com\") { id } }", json!({})).await.string("/user/id");
    call(&one, "userDelete", json!({ "id": id }), "deletedUserId", &[STAFF]).await.string("/userDelete/deletedUserId");
    until_refused(&other, &here).await;

    for shop in both {
        assert!(email_of(shop, &stays).await.is_some());
    }
    one.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn while_replicas_lag_a_session_is_good_and_over_at_once() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let (one, other) = (fleet.cached(&[]).await, fleet.cached(&[]).await);
    join(&one, "ada@example.com").await;
    fleet.stack().await_replay().await.unwrap();
    one.until_in_use().await;
    other.until_in_use().await;
    for replica in fleet.stack().replicas() {
        replica.pause_replay().await.unwrap();
    }

    for _ in 0..3 {
        let session = log_in(&one, "ada@example.com").await;
        assert!(email_of(&other, &session).await.is_some());
        assert!(email_of(&one, &session).await.is_some());
        write(&other, &session, "sessionDelete", json!({}), "").await.user_errors("sessionDelete");
        assert_eq!(email_of(&other, &session).await, None);
        until_refused(&one, &session).await;
    }
    let lagging = fleet.number_on(fleet.replica(0), "SELECT count(*) FROM sessions").await;
    assert_eq!(lagging, 0);

    for replica in fleet.stack().replicas() {
        replica.resume_replay().await.unwrap();
    }
    one.stop().await;
    other.stop().await;
    fleet.end().await;
}

/// Each reading of the sessions has its rows, and then waits as long as someone holds the lock.
const SLOW: &str = "ALTER TABLE sessions RENAME TO kept;
    CREATE FUNCTION read_sessions() RETURNS SETOF kept LANGUAGE plpgsql AS $$ BEGIN
        RETURN QUERY SELECT * FROM kept;
        PERFORM pg_advisory_lock_shared(42);
        PERFORM pg_advisory_unlock_shared(42);
    END $$;
    CREATE VIEW sessions AS SELECT * FROM read_sessions();
    GRANT SELECT ON sessions TO PUBLIC";

#[tokio::test]
async fn an_answer_that_was_on_its_way_brings_no_session_back() {
    let fleet = Fleet::shared().await;
    let shop = fleet.cached(&[]).await;
    join(&shop, "ada@example.com").await;
    let session = log_in(&shop, "ada@example.com").await;
    let (token, own) = (&session["Bearer ".len()..], &shop.app.shared.sessions);
    let (slow, further) = (Onlooker::of(&fleet, &shop, ALWAYS_ASKING), Onlooker::of(&fleet, &shop, ALWAYS_ASKING));
    fleet.primary().execute(&fleet.database, SLOW).await.unwrap();
    let lock = fleet.session().await;
    lock.execute_unprepared("SELECT pg_advisory_lock(42)").await.unwrap();

    // Two have read that there is a session and wait for the rest of the answer, while it ends.
    let ended = async {
        until("both look-ups wait", async || fleet.waiting(fleet.primary()).await.len() == 2).await;
        shop.sql("DELETE FROM kept", vec![]).await;
        own.forget(vec![KeyHash::of_session(token).unwrap()]).await;
        lock.execute_unprepared("SELECT pg_advisory_unlock(42)").await.unwrap();
    };
    let (found_here, found_elsewhere, ()) = tokio::join!(own.find(token), slow.find(&session), ended);

    assert_eq!(found_here.unwrap(), None);
    assert!(found_elsewhere.unwrap().is_some());
    for sessions in [&slow, &further] {
        assert!(!sessions.knows(&session).await);
    }
    assert_eq!(email_of(&shop, &session).await, None);
    lock.close().await.unwrap();
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn without_redis_a_session_that_was_ended_elsewhere_lives_as_long_as_the_primarys_word() {
    let fleet = Fleet::shared().await;
    let (one, other) = (fleet.instance(&[]).await, fleet.instance(&[]).await);
    join(&one, "ada@example.com").await;
    fleet.stack().await_replay().await.unwrap();
    let session = known_to_both([&one, &other], "ada@example.com").await;
    let terms = |word| Terms { word, ..Terms::default() };
    let brief = Onlooker::alone(&other, terms(Duration::from_millis(500)));
    let long = Onlooker::alone(&other, terms(LONG));
    assert!(brief.knows(&session).await && long.knows(&session).await);

    write(&one, &session, "sessionDelete", json!({}), "").await.user_errors("sessionDelete");

    assert_eq!(email_of(&one, &session).await, None);
    until("it is over elsewhere", async || !brief.knows(&session).await).await;
    assert!(long.knows(&session).await);
    one.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn what_one_instance_was_told_the_others_find_in_redis() {
    let fleet = Fleet::shared().await;
    let shop = fleet.cached(&[]).await;
    join(&shop, "ada@example.com").await;
    let session = log_in(&shop, "ada@example.com").await;
    let (one, other) = (Onlooker::of(&fleet, &shop, ALWAYS_ASKING), Onlooker::of(&fleet, &shop, ALWAYS_ASKING));
    let mut redis = redis::Client::open(fleet.redis().url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let hash = KeyHash::of_session(&session["Bearer ".len()..]).unwrap();
    let hash: String = hash.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let key = format!("storefront:{{{}:s:{hash}}}", SecretKey::new(SECRET).name("gate"));
    until("Redis has the session", async || {
        assert!(one.knows(&session).await && other.knows(&session).await);
        redis::cmd("EXISTS").arg(&key).query_async::<bool>(&mut redis).await.unwrap()
    })
    .await;

    // Past the servers, so that nobody is told.
    shop.sql("DELETE FROM sessions", vec![]).await;

    assert!(one.knows(&session).await && other.knows(&session).await);
    let lives_ms: i64 = redis::cmd("PTTL").arg(&key).query_async(&mut redis).await.unwrap();
    assert!((1..=60_500).contains(&lives_ms), "{lives_ms}");
    shop.stop().await;
    fleet.end().await;
}
