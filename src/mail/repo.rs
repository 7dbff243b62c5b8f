//! All SQL of the messages that wait to be delivered.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult};
use uuid::Uuid;

use crate::db::{Connection, Sql};

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Somebody asked for a new password for the account with this address, if there is one.
    Reset,
    /// The address is to be proved.
    Verify,
    /// Somebody registered with an address that has an account.
    Taken,
    /// The account has another address by now.
    Moved,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Reset, Self::Verify, Self::Taken, Self::Moved];

    /// As the database and the metrics have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reset => "RESET",
            Self::Verify => "VERIFY",
            Self::Taken => "TAKEN",
            Self::Moved => "MOVED",
        }
    }
}

/// A message that was taken to be delivered.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: Uuid,
    /// Whom it is for; `None`: whoever has the address now.
    pub user: Option<Uuid>,
    pub recipient: String,
    pub kind: Kind,
    /// How often it was taken, this time included.
    pub tries: i32,
    pub created_at: DateTime<Utc>,
}

/// Writes a message down, in the transaction of what it tells of.
pub async fn queue(
    db: &impl ConnectionTrait,
    kind: Kind,
    recipient: &str,
    user: Option<Uuid>,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    let mut insert = Sql::new(db.get_database_backend());
    insert
        .push("INSERT INTO messages (id, user_id, recipient, kind, created_at, next_at) VALUES (")
        .bind(Uuid::now_v7());
    insert.push(", ").bind(user).push(", ").bind(recipient).push(", ").bind(kind.name());
    insert.push(", ").bind(at).push(", ").bind(at).push(")");
    db.execute_raw(insert.build()).await.map(drop)
}

/// Whether messages are to be delivered now.
pub async fn is_due(db: &Connection, now: DateTime<Utc>) -> Result<bool, DbErr> {
    let mut select = Sql::new(db.get_database_backend());
    select.push("SELECT 1 AS found FROM messages WHERE next_at <= ").bind(now).push(" LIMIT 1");
    Ok(db.query_one_raw(select.build()).await?.is_some())
}

/// Takes up to `most` messages that are due and that no other instance is taking. They are this one's until the moment that is given.
pub async fn take(
    db: &impl ConnectionTrait,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    most: i64,
) -> Result<Vec<Message>, DbErr> {
    // On Postgres an array, so that the rows are chosen and locked once, whatever the plan.
    let (any_of, skip, end) = match db.get_database_backend() {
        DbBackend::Postgres => ("= ANY(ARRAY(", " FOR UPDATE SKIP LOCKED", "))"),
        _ => ("IN (", "", ")"),
    };
    let mut update = Sql::new(db.get_database_backend());
    update.push("UPDATE messages SET tries = tries + 1, next_at = ").bind(until).push(" WHERE id ").push(any_of);
    update.push("SELECT id FROM messages WHERE next_at <= ").bind(now).push(" ORDER BY next_at, id LIMIT ").bind(most);
    update.push(skip).push(end).push(" RETURNING id, user_id, recipient, kind, tries, created_at");
    db.query_all_raw(update.build()).await?.iter().map(read).collect()
}

/// Drops a message that is done with, unless somebody else has taken it since.
pub async fn settle(db: &impl ConnectionTrait, message: &Message) -> Result<(), DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM messages WHERE id = ").bind(message.id).push(" AND tries = ").bind(message.tries);
    db.execute_raw(delete.build()).await.map(drop)
}

/// Lets a message wait for its next try, unless somebody else has taken it since.
pub async fn postpone(db: &impl ConnectionTrait, message: &Message, until: DateTime<Utc>) -> Result<(), DbErr> {
    let mut update = Sql::new(db.get_database_backend());
    update.push("UPDATE messages SET next_at = ").bind(until);
    update.push(" WHERE id = ").bind(message.id).push(" AND tries = ").bind(message.tries);
    db.execute_raw(update.build()).await.map(drop)
}

/// Drops what was written down before this moment.
pub async fn drop_older(db: &impl ConnectionTrait, than: DateTime<Utc>) -> Result<(), DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM messages WHERE created_at <= ").bind(than);
    db.execute_raw(delete.build()).await.map(drop)
}

/// Drops what waits for an address of one kind.
pub async fn drop_kind(db: &impl ConnectionTrait, kind: Kind, recipient: &str) -> Result<(), DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM messages WHERE recipient = ").bind(recipient).push(" AND kind = ").bind(kind.name());
    db.execute_raw(delete.build()).await.map(drop)
}

/// Drops all that waits for an address.
pub async fn drop_for(db: &impl ConnectionTrait, recipient: &str) -> Result<(), DbErr> {
    let mut delete = Sql::new(db.get_database_backend());
    delete.push("DELETE FROM messages WHERE recipient = ").bind(recipient);
    db.execute_raw(delete.build()).await.map(drop)
}

fn read(row: &QueryResult) -> Result<Message, DbErr> {
    let kind: String = row.try_get("", "kind")?;
    Ok(Message {
        id: row.try_get("", "id")?,
        user: row.try_get("", "user_id")?,
        recipient: row.try_get("", "recipient")?,
        kind: Kind::ALL
            .into_iter()
            .find(|known| known.name() == kind)
            .ok_or_else(|| DbErr::Type(format!("there are no messages of the kind {kind}")))?,
        tries: row.try_get("", "tries")?,
        created_at: row.try_get("", "created_at")?,
    })
}
