//! Whom the look-up of a session asks, and how often.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use storefront::auth::{KeyHash, SecretKey, Sessions, Terms};

use super::onlooker::{LONG, Onlooker};
use super::people::by;
use crate::accounts::{PASSWORD, call, email_of, log_in};
use crate::support::{Answer, Fleet, Shop, until};

/// Each reading of the sessions leaves a lock behind, which lasts as long as its connection.
const COUNTED: &str = "ALTER TABLE sessions RENAME TO kept;
    CREATE FUNCTION read_sessions() RETURNS SETOF kept LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_advisory_lock((random() * 1e15)::bigint);
        RETURN QUERY SELECT * FROM kept;
    END $$;
    CREATE VIEW sessions AS SELECT * FROM read_sessions();
    GRANT SELECT ON sessions TO PUBLIC";
const COUNT: &str = "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database
    WHERE datname = current_database() AND locktype = 'advisory'";
const TOGETHER: usize = 64;

/// Registers past the replicas, which may lack what is written.
pub async fn join(shop: &Shop, email: &str) {
    let input = json!({ "email": email, "name": email, "password": PASSWORD });
    call(shop, "userRegister", input, "email", &[]).await.string("/userRegister/email");
}

/// Many at once, each with its own request.
async fn together(shop: &Shop, sessions: &[String]) -> Vec<Answer> {
    let asked = (0..TOGETHER).map(|index| sessions[index % sessions.len()].as_str());
    join_all(asked.map(async |session| shop.send("{ __typename }", json!({}), &by(session)).await)).await
}

#[tokio::test]
async fn those_who_ask_for_one_session_at_a_time_share_a_statement_and_what_was_made_up_costs_none() {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance_on(&fleet.primary_url(), &[], &[]).await;
    join(&shop, "ada@example.com").await;
    let (session, ended) = (log_in(&shop, "ada@example.com").await, log_in(&shop, "ada@example.com").await);
    let hash = KeyHash::of_session(&ended["Bearer ".len()..]).unwrap();
    shop.sql("DELETE FROM sessions WHERE token_hash = $1", vec![hash.bytes().to_vec().into()]).await;
    let elsewhere = Sessions::new(shop.db.clone(), &SecretKey::new("of another installation"), None);
    fleet.primary().execute(&fleet.database, COUNTED).await.unwrap();
    assert_eq!(fleet.number(COUNT).await, 0);

    for (sessions, status, statements) in [
        (vec![session], 200, 1),
        (vec![ended.clone()], 401, 2),
        // Not again for a moment.
        (vec![ended], 401, 2),
        ((0..TOGETHER).map(|_| format!("Bearer {}", elsewhere.new_token().unwrap().0)).collect(), 401, 2),
        ((0..TOGETHER).map(|number| format!("Bearer sfs_{number:0>43}")).collect(), 401, 2),
    ] {
        let answers = together(&shop, &sessions).await;
        assert!(answers.iter().all(|answer| answer.status == status), "{status}: {}", answers[0].text);
        assert_eq!(fleet.number(COUNT).await, statements);
    }
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn a_replica_is_never_asked() {
    let fleet = Fleet::shared().await;
    let telltale = fleet.telltale(0, &[]).await;
    let shop = fleet.instance_on(&fleet.primary_url(), std::slice::from_ref(&telltale.url), &[]).await;
    shop.until_in_use().await;
    join(&shop, "ada@example.com").await;
    let (session, ended) = (log_in(&shop, "ada@example.com").await, log_in(&shop, "ada@example.com").await);
    // The replica has the sessions of both tokens, of another user, and for long.
    let eve = "00000000-0000-0000-0000-0000000000ee";
    let user = format!(
        "INSERT INTO users (id, email, name, created_at, updated_at) VALUES ('{eve}', 'e@e', 'Eve', now(), now())"
    );
    telltale.execute(&fleet, &user).await;
    for session in [&session, &ended] {
        let hash = KeyHash::of_session(&session["Bearer ".len()..]).unwrap();
        let hash: String = hash.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let row = format!(
            "INSERT INTO sessions (id, user_id, token_hash, created_at, used_at, expires_at)
             VALUES (gen_random_uuid(), '{eve}', '\\x{hash}', now(), now(), now() + interval '7 days')"
        );
        telltale.execute(&fleet, &row).await;
    }
    shop.sql("DELETE FROM sessions WHERE id = (SELECT max(id::text)::uuid FROM sessions)", vec![]).await;

    let onlooker = Onlooker::alone(&shop, Terms::default());
    let found = onlooker.find(&session).await.unwrap().expect("the session is known");

    assert_ne!(found.user.to_string(), eve);
    assert_eq!(onlooker.find(&ended).await.unwrap(), None);
    shop.stop().await;
    telltale.end(&fleet).await;
    fleet.end().await;
}

#[tokio::test]
async fn a_word_counts_for_its_time_and_no_longer() {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance_on(&fleet.primary_url(), &[], &[]).await;
    join(&shop, "ada@example.com").await;
    let [session, demoted] = [log_in(&shop, "ada@example.com").await, log_in(&shop, "ada@example.com").await];
    shop.sql("UPDATE users SET role = 'STAFF'", vec![]).await;
    let terms = |word| Terms { word, ..Terms::default() };
    let (forgetful, faithful) =
        (Onlooker::alone(&shop, terms(Duration::from_millis(300))), Onlooker::alone(&shop, terms(LONG)));
    for onlooker in [&forgetful, &faithful] {
        assert!(onlooker.find(&demoted).await.unwrap().unwrap().is_staff);
        assert!(onlooker.knows(&session).await);
    }

    // Past the servers: nobody is told.
    shop.sql("UPDATE users SET role = 'SHOPPER'", vec![]).await;
    until("the member of staff is demoted", async || !forgetful.find(&demoted).await.unwrap().unwrap().is_staff).await;
    shop.sql("DELETE FROM users", vec![]).await;
    until("the session is refused", async || !forgetful.knows(&session).await).await;

    assert!(faithful.find(&demoted).await.unwrap().unwrap().is_staff);
    assert!(faithful.knows(&session).await);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn that_a_session_is_unknown_counts_for_a_moment() {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance_on(&fleet.primary_url(), &[], &[]).await;
    join(&shop, "ada@example.com").await;
    let session = log_in(&shop, "ada@example.com").await;
    shop.sql("UPDATE sessions SET expires_at = $1", vec![(chrono::Utc::now() - chrono::TimeDelta::hours(1)).into()])
        .await;
    let onlooker = Onlooker::alone(&shop, Terms { unknown: Duration::from_millis(300), ..Terms::default() });
    assert!(!onlooker.knows(&session).await);

    shop.sql("UPDATE sessions SET expires_at = $1", vec![(chrono::Utc::now() + chrono::TimeDelta::hours(1)).into()])
        .await;
    until("the session is looked for again", async || onlooker.knows(&session).await).await;

    assert_eq!(email_of(&shop, &session).await.as_deref(), Some("ada@example.com"));
    shop.stop().await;
    fleet.end().await;
}
