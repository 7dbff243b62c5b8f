//! Sessions while Redis is dead, hangs, is emptied or lies, and while the primary is away.

use std::time::Duration;

use devstack::{RedisServer, StackOptions};
use redis::aio::MultiplexedConnection;
use serde_json::json;
use storefront::auth::Terms;

use super::look_up::join;
use super::onlooker::{ALWAYS_ASKING, Onlooker};
use crate::accounts::{PASSWORD, email_of, log_in, try_log_in, write};
use crate::support::{Fleet, Shop, until};

const ADA: &str = "ada@example.com";

async fn connect(redis: &RedisServer) -> MultiplexedConnection {
    redis::Client::open(redis.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
}

/// The keys of sessions in a Redis that the test has for itself.
async fn keys(mine: &mut MultiplexedConnection) -> Vec<String> {
    redis::cmd("KEYS").arg("storefront:*:s:*").query_async(mine).await.unwrap()
}

async fn value(mine: &mut MultiplexedConnection, key: &str) -> Option<String> {
    redis::cmd("GET").arg(key).query_async(mine).await.unwrap()
}

/// Logs in, is known on both, logs out. Nothing of it fails; the instance that was asked refuses the session at once. Gives it.
async fn come_and_go(one: &Shop, other: &Shop) -> String {
    let session = log_in(one, ADA).await;
    for shop in [one, other, one] {
        assert_eq!(email_of(shop, &session).await.as_deref(), Some(ADA));
    }
    let out = write(one, &session, "sessionDelete", json!({}), "deletedSessionId").await;
    assert_eq!(out.user_errors("sessionDelete"), [""; 0]);
    assert_eq!(email_of(one, &session).await, None);
    session
}

#[tokio::test]
async fn a_redis_that_is_dead_or_hangs_or_is_emptied_fails_nobody() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let (one, other) = (fleet.cached(&[]).await, fleet.cached(&[]).await);
    let redis = fleet.redis();
    join(&one, ADA).await;
    fleet.stack().await_replay().await.unwrap();
    let stays = log_in(&one, ADA).await;
    let everyone = async || {
        for shop in [&one, &other] {
            assert_eq!(email_of(shop, &stays).await.as_deref(), Some(ADA));
        }
        come_and_go(&one, &other).await;
        come_and_go(&other, &one).await;
    };
    everyone().await;

    redis.kill().await.unwrap();
    for _ in 0..3 {
        everyone().await;
    }
    redis.start().await.unwrap();
    for _ in 0..3 {
        everyone().await;
    }
    redis.freeze().await.unwrap();
    for _ in 0..3 {
        everyone().await;
    }
    redis.thaw().await.unwrap();
    for _ in 0..3 {
        everyone().await;
        redis.flush().await.unwrap();
    }

    // And is used again.
    until("what is ended on one instance is told to the other", async || {
        let ended = come_and_go(&one, &other).await;
        let mut mine = connect(redis).await;
        let keys = keys(&mut mine).await;
        let mut is_told = false;
        for key in keys {
            is_told |= value(&mut mine, &key).await.as_deref() == Some("ended");
        }
        is_told && {
            until("the other one heeds it", async || email_of(&other, &ended).await.is_none()).await;
            true
        }
    })
    .await;
    one.stop().await;
    other.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn what_redis_was_not_told_holds_no_longer_than_the_primarys_word() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let shop = fleet.cached(&[]).await;
    let redis = fleet.redis();
    join(&shop, ADA).await;
    let session = log_in(&shop, ADA).await;
    let terms = Terms { word: Duration::from_secs(3), unasked: Duration::ZERO, unknown: Duration::ZERO };
    let brief = Onlooker::of(&fleet, &shop, terms);
    let mut mine = connect(redis).await;
    until("Redis has the session", async || brief.knows(&session).await && !keys(&mut mine).await.is_empty()).await;

    // It comes back with what it held, and nobody could tell it.
    redis.save().await.unwrap();
    redis.kill().await.unwrap();
    write(&shop, &session, "sessionDelete", json!({}), "").await.user_errors("sessionDelete");
    redis.start().await.unwrap();

    until("the word is over", async || !brief.knows(&session).await).await;
    assert_eq!(email_of(&shop, &session).await, None);
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn whoever_writes_into_redis_makes_nobody_anyone() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let shop = fleet.cached(&[]).await;
    for email in [ADA, "staff@example.com"] {
        join(&shop, email).await;
    }
    shop.sql("UPDATE users SET role = 'STAFF' WHERE email = 'staff@example.com'", vec![]).await;
    let onlooker = Onlooker::of(&fleet, &shop, ALWAYS_ASKING);
    let mut mine = connect(fleet.redis()).await;
    let mut kept = Vec::new();
    for email in [ADA, "staff@example.com"] {
        let session = log_in(&shop, email).await;
        let mut key = String::new();
        until("Redis has the session", async || {
            assert!(onlooker.knows(&session).await);
            let new = keys(&mut mine).await.into_iter().find(|key| kept.iter().all(|(_, held, _)| held != key));
            key = new.unwrap_or_default();
            !key.is_empty()
        })
        .await;
        let held = value(&mut mine, &key).await.unwrap();
        kept.push((session, key, held));
    }
    let [(ada, key, own), (_, _, of_staff)] = &kept[..] else { unreachable!() };
    let user = onlooker.find(ada).await.unwrap().unwrap().user;

    for forged in [of_staff.as_str(), "", "made up", &own[1..], &of_staff.to_lowercase()] {
        let _: () = redis::cmd("SET").arg(key).arg(forged).query_async(&mut mine).await.unwrap();
        let found = onlooker.find(ada).await.unwrap().expect("the primary knows the session");
        assert_eq!((found.user, found.is_staff), (user, false), "{forged:?}");
    }
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn redis_holds_no_secret() {
    let fleet = Fleet::faulty_with(StackOptions::default()).await;
    let shop = fleet.cached(&[]).await;
    join(&shop, ADA).await;
    let token = try_log_in(&shop, ADA, PASSWORD).await.string("/sessionCreate/token");
    try_log_in(&shop, ADA, "a wrong password").await;
    let session = format!("Bearer {token}");
    let mut mine = connect(fleet.redis()).await;
    until("Redis has the session", async || {
        email_of(&shop, &session).await.is_some() && !keys(&mut mine).await.is_empty()
    })
    .await;

    // All that it holds, in the form in which it goes to disk.
    fleet.redis().command(&["CONFIG", "SET", "rdbcompression", "no"]).await.unwrap();
    fleet.redis().save().await.unwrap();
    let folder: Vec<String> = redis::cmd("CONFIG").arg("GET").arg("dir").query_async(&mut mine).await.unwrap();
    let file: Vec<String> = redis::cmd("CONFIG").arg("GET").arg("dbfilename").query_async(&mut mine).await.unwrap();
    let held = std::fs::read(std::path::Path::new(&folder[1]).join(&file[1])).unwrap();
    let holds = |text: &str| held.windows(text.len()).any(|bytes| bytes == text.as_bytes());
    assert!(holds(":s:") && holds(":w:l:"), "sessions and logins are there");
    for secret in [&token[4..], &token[..20], PASSWORD, "a wrong password", ADA, "argon2"] {
        assert!(!holds(secret), "{secret:?} is in Redis");
    }
    shop.stop().await;
    fleet.end().await;
}

#[tokio::test]
async fn while_the_primary_is_away_sessions_that_are_known_go_on_and_no_others() {
    let fleet = Fleet::faulty().await;
    let shop = fleet.instance(&["--connection-wait-ms", "500", "--health-timeout-ms", "400"]).await;
    join(&shop, ADA).await;
    fleet.stack().await_replay().await.unwrap();
    let (known, other) = (log_in(&shop, ADA).await, log_in(&shop, ADA).await);
    let brief = Onlooker::alone(&shop, Terms { word: Duration::from_millis(500), ..Terms::default() });
    let faithful = Onlooker::alone(&shop, ALWAYS_ASKING);
    assert!(email_of(&shop, &known).await.is_some());
    assert!(brief.knows(&known).await && faithful.knows(&known).await);

    fleet.primary().stop().await.unwrap();

    let answered = shop.send("{ __typename }", json!({}), &[("authorization", &known)]).await;
    assert_eq!(answered.status, 200, "{}", answered.text);
    until("a replica serves them", async || {
        let query = "{ viewer { user { email } } }";
        shop.send(query, json!({}), &[("authorization", &known)]).await.json["data"]["viewer"]["user"]["email"] == ADA
    })
    .await;
    assert!(faithful.knows(&known).await);
    let refused = shop.send("{ __typename }", json!({}), &[("authorization", &other)]).await;
    assert_eq!((refused.status, refused.error().0.as_str()), (503, "UNAVAILABLE"), "{}", refused.text);
    assert!(refused.headers.contains_key("retry-after"));
    let made_up = format!("Bearer sfs_{}", "A".repeat(43));
    assert_eq!(email_of(&shop, &made_up).await, None);
    until("the word is over", async || brief.find(&known).await.is_err()).await;
    assert_eq!(brief.find(&known).await.unwrap_err().code(), "UNAVAILABLE");

    fleet.primary().start().await.unwrap();
    until("the primary is asked again", async || brief.find(&other).await.is_ok()).await;
    until("the session is known", async || {
        shop.send("{ __typename }", json!({}), &[("authorization", &other)]).await.status == 200
    })
    .await;
    shop.stop().await;
    fleet.end().await;
}
