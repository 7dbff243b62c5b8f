//! Messages wait in the database and are delivered beside the requests, whatever becomes of the mail server.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::{FROM, PASSWORD, call, in_force, log_in, mailed_on_both, request_reset, reset, verified, waiting, write};
use crate::support::{Kind, Shop, SmtpServer, TestDatabase, until};

mailed_on_both!(
    what_the_server_refuses_is_sent_later,
    while_the_server_is_away_messages_wait,
    what_cannot_be_delivered_for_a_day_is_dropped,
    what_waits_for_whoever_is_deleted_is_dropped,
    what_waits_for_a_former_address_is_dropped,
);

/// Makes everything that waits due.
async fn hurry(shop: &Shop) {
    shop.sql("UPDATE messages SET next_at = $1", vec![(Utc::now() - TimeDelta::seconds(1)).into()]).await;
    shop.app.shared.outbox.notify();
}

/// Waits until every message that waits was tried and put off.
async fn until_put_off(shop: &Shop, messages: i64) {
    // One that is taken would be due in five minutes, one that has failed sooner.
    let soon = Utc::now() + TimeDelta::minutes(2);
    until("the messages are put off", async || {
        shop.count("messages WHERE tries > 0 AND next_at < $1", soon).await == messages
    })
    .await;
}

async fn what_the_server_refuses_is_sent_later(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    smtp.refuse(1);

    request_reset(shop, "ada@example.com").await;
    until_put_off(shop, 1).await;

    assert_eq!((smtp.left_to_refuse(), smtp.arrived_for("ada@example.com").len(), in_force(shop).await), (0, 1, 0));
    hurry(shop).await;
    let token = smtp.mail("ada@example.com", 2).await.token();
    assert_eq!(reset(shop, &token, "another password").await.user_errors("passwordReset"), [""; 0]);
    until("nothing waits", async || waiting(shop).await == 0).await;
    assert_eq!(smtp.arrived_for("ada@example.com").len(), 2);
}

async fn while_the_server_is_away_messages_wait(shop: &Shop, smtp: SmtpServer) {
    for email in ["ada@example.com", "bob@example.com"] {
        verified(shop, &smtp, email).await;
    }
    let address = smtp.address;
    drop(smtp);

    for email in ["ada@example.com", "bob@example.com", "eve@example.com"] {
        assert_eq!(request_reset(shop, email).await.string("/passwordResetRequest/email"), email);
    }
    until_put_off(shop, 2).await;
    until("nothing waits for nobody", async || waiting(shop).await == 2).await;
    let smtp = SmtpServer::start_at(address).await;
    hurry(shop).await;

    for email in ["ada@example.com", "bob@example.com"] {
        let token = smtp.mail(email, 1).await.token();
        assert_eq!(reset(shop, &token, "another password").await.user_errors("passwordReset"), [""; 0]);
    }
    until("nothing waits", async || waiting(shop).await == 0).await;
    assert_eq!(smtp.arrived().len(), 2);
}

async fn what_cannot_be_delivered_for_a_day_is_dropped(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    smtp.refuse(usize::MAX);
    request_reset(shop, "ada@example.com").await;
    until_put_off(shop, 1).await;

    shop.sql("UPDATE messages SET created_at = $1", vec![(Utc::now() - TimeDelta::hours(24)).into()]).await;
    smtp.refuse(0);
    hurry(shop).await;

    until("nothing waits", async || shop.count("messages WHERE created_at < $1", Utc::now()).await == 0).await;
    assert_eq!(smtp.arrived_for("ada@example.com").len(), 1);
}

async fn what_waits_for_whoever_is_deleted_is_dropped(shop: &Shop, smtp: SmtpServer) {
    let id = verified(shop, &smtp, "ada@example.com").await;
    request_reset(shop, "ada@example.com").await;
    let token = smtp.mail("ada@example.com", 2).await.token();
    smtp.refuse(usize::MAX);
    request_reset(shop, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;
    let input = json!({ "id": id, "email": "ada@example.org", "password": PASSWORD });
    write(shop, &session, "userUpdate", input, "user { id }").await.string("/userUpdate/user/id");
    request_reset(shop, "ada@example.org").await;
    until_put_off(shop, 3).await;

    let input = json!({ "id": id, "password": PASSWORD });
    write(shop, &session, "userDelete", input, "deletedUserId").await.string("/userDelete/deletedUserId");

    assert_eq!((waiting(shop).await, in_force(shop).await), (0, 0));
    smtp.refuse(0);
    let refused = reset(shop, &token, "another password").await;
    assert_eq!(refused.user_errors("passwordReset"), ["input.token INVALID"]);
    assert_eq!(smtp.arrived().len(), 2);
}

async fn what_waits_for_a_former_address_is_dropped(shop: &Shop, smtp: SmtpServer) {
    let id = verified(shop, &smtp, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;
    smtp.refuse(1);
    request_reset(shop, "ada@example.com").await;
    until_put_off(shop, 1).await;

    let input = json!({ "id": id, "email": "ada@example.org", "password": PASSWORD });
    write(shop, &session, "userUpdate", input, "user { id }").await.string("/userUpdate/user/id");
    hurry(shop).await;

    until("nothing waits", async || waiting(shop).await == 0).await;
    let subjects: Vec<_> = smtp.arrived_for("ada@example.com").into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects, ["Confirm your e-mail address", "Your e-mail address was changed"]);
}

#[tokio::test]
async fn two_instances_deliver_each_message_once() {
    let database = TestDatabase::migrated(Kind::Postgres).await;
    let (url, smtp) = (database.url().await, SmtpServer::start().await);
    let flags = ["--secret-key", crate::support::SECRET, "--smtp-url", &smtp.url(), "--mail-from", FROM];
    let shops = [Shop::start_on(&url, &flags).await, Shop::start_on(&url, &flags).await];
    let emails: Vec<String> = (0..60).map(|index| format!("user{index}@example.com")).collect();
    for email in &emails {
        shops[0].user(email).await;
    }

    let now = Utc::now();
    for (index, email) in emails.iter().enumerate() {
        let insert = "INSERT INTO messages (id, recipient, kind, created_at, next_at) VALUES ($1, $2, 'RESET', $3, $3)";
        shops[0].sql(insert, vec![Uuid::now_v7().into(), email.as_str().into(), now.into()]).await;
        request_reset(&shops[index % 2], &format!("nobody{}@example.com", index % 5)).await;
    }

    until("nothing waits", async || waiting(&shops[0]).await == 0).await;
    let mut arrived: Vec<String> = smtp.arrived().into_iter().map(|mail| mail.to).collect();
    arrived.sort();
    let mut expected = emails;
    expected.sort();
    assert_eq!(arrived, expected);
    assert_eq!(in_force(&shops[1]).await, 60);
    for shop in shops {
        shop.stop().await;
    }
    database.remove().await;
}

#[tokio::test]
async fn a_server_that_does_not_encrypt_is_not_trusted_with_anything() {
    let smtp = SmtpServer::start().await;
    for url in [format!("smtps://{}", smtp.address), format!("smtp://{}?tls=required", smtp.address)] {
        let shop = Shop::start_with(Kind::Sqlite, &["--smtp-url", &url, "--mail-from", FROM]).await;
        shop.user("ada@example.com").await;

        request_reset(&shop, "ada@example.com").await;

        until_put_off(&shop, 1).await;
        shop.stop().await;
    }
    assert_eq!(smtp.arrived().len(), 0);
}

#[tokio::test]
async fn a_server_that_stops_lets_no_message_be_sent_twice() {
    let database = TestDatabase::migrated(Kind::Postgres).await;
    let (url, smtp) = (database.url().await, SmtpServer::start().await);
    let flags = ["--secret-key", crate::support::SECRET, "--smtp-url", &smtp.url(), "--mail-from", FROM];
    let first = Shop::start_on(&url, &flags).await;
    first.user("ada@example.com").await;

    call(&first, "passwordResetRequest", json!({ "email": "ada@example.com" }), "email", &[]).await;
    first.stop().await;
    let second = Shop::start_on(&url, &flags).await;

    until("nothing waits", async || waiting(&second).await == 0).await;
    assert_eq!(smtp.arrived().len(), 1);
    second.stop().await;
    database.remove().await;
}
