//! A password that was right when it was checked and is changed before it is used: what it was given for does not happen.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{PASSWORD, log_in, register, write};
use crate::support::{Fleet, until};

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_moves_no_account() {
    let input = |id: &str| json!({ "id": id, "email": "eve@example.com", "password": PASSWORD });
    is_refused("userUpdate", input, "user { id }").await;
}

#[tokio::test]
async fn a_password_that_was_changed_meanwhile_deletes_no_account() {
    is_refused("userDelete", |id: &str| json!({ "id": id, "password": PASSWORD }), "deletedUserId").await;
}

/// Writes with a password that is changed between its check and the write, by a transaction that the write waits for.
async fn is_refused(field: &str, input: impl Fn(&str) -> Value, selection: &str) {
    let fleet = Fleet::shared().await;
    let shop = fleet.instance(&[]).await;
    let id = register(&shop, "ada@example.com").await;
    let session = log_in(&shop, "ada@example.com").await;
    let other = fleet.session().await;
    other.execute_unprepared("BEGIN; UPDATE users SET password_hash = 'of another password'").await.unwrap();
    let commit = async {
        until("the write waits", async || !fleet.waiting(fleet.primary()).await.is_empty()).await;
        other.execute_unprepared("COMMIT").await.unwrap();
    };

    let (refused, ()) = tokio::join!(write(&shop, &session, field, input(&id), selection), commit);

    assert_eq!(refused.user_errors(field), ["input.password INVALID"], "{}", refused.text);
    assert_eq!(fleet.number("SELECT count(*) FROM users WHERE email = 'ada@example.com'").await, 1);
    other.close().await.unwrap();
    shop.stop().await;
    fleet.end().await;
}
