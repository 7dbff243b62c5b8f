//! Accounts: what a user proves themselves by, their sessions, tokens that are sent to them, the messages that carry those, and the logins that
//! failed. Tokens are kept as their SHA-256 alone.

use sea_orm_migration::prelude::*;

use crate::dialect::{Sql, drop_tables, id, index, moment, run, text, unique};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const UP: Sql = Sql {
    postgres: include_str!("m0014_accounts/postgres_up.sql"),
    sqlite: include_str!("m0014_accounts/sqlite_up.sql"),
};

const DOWN: Sql = Sql {
    postgres: include_str!("m0014_accounts/postgres_down.sql"),
    sqlite: include_str!("m0014_accounts/sqlite_down.sql"),
};

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &UP).await?;
        sessions(manager).await?;
        user_tokens(manager).await?;
        messages(manager).await?;
        login_failures(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["login_failures", "messages", "user_tokens", "sessions"]).await?;
        run(manager, &DOWN).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("sessions")
        .col(id("id").primary_key())
        .col(id("user_id"))
        .col(hash("token_hash"))
        .col(moment("created_at"))
        .col(moment("used_at"))
        .col(moment("expires_at"))
        .index(&mut unique("sessions_token_hash_key", &["token_hash"]))
        .foreign_key(&mut of_user("sessions_user_id_fkey", "sessions"))
        .take();
    manager.create_table(table).await?;
    index(manager, "sessions", "sessions_user_id_idx", &["user_id"]).await?;
    index(manager, "sessions", "sessions_expires_at_idx", &["expires_at"]).await
}

/// What is sent to a user to prove that a mailbox is theirs.
async fn user_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("user_tokens")
        .col(hash("token_hash").primary_key())
        .col(id("user_id"))
        .col(text("purpose"))
        .col(text("email"))
        .col(moment("expires_at"))
        .check(("user_tokens_purpose_check", Expr::col("purpose").is_in(["RESET", "VERIFY"])))
        .foreign_key(&mut of_user("user_tokens_user_id_fkey", "user_tokens"))
        .take();
    manager.create_table(table).await?;
    index(manager, "user_tokens", "user_tokens_user_id_idx", &["user_id"]).await?;
    index(manager, "user_tokens", "user_tokens_expires_at_idx", &["expires_at"]).await
}

/// Messages on their way to people, written with what they tell of: whom to and what for, and nothing secret. Without a user it is for whoever has
/// the address when it is sent.
async fn messages(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("messages")
        .col(id("id").primary_key())
        .col(ColumnDef::new("user_id").uuid())
        .col(text("recipient"))
        .col(text("kind"))
        .col(ColumnDef::new("tries").integer().not_null().default(0))
        .col(moment("created_at"))
        .col(moment("next_at"))
        .check(("messages_kind_check", Expr::col("kind").is_in(["RESET", "VERIFY", "TAKEN", "MOVED"])))
        .foreign_key(&mut of_user("messages_user_id_fkey", "messages"))
        .take();
    manager.create_table(table).await?;
    index(manager, "messages", "messages_user_id_idx", &["user_id"]).await?;
    index(manager, "messages", "messages_recipient_idx", &["recipient"]).await?;
    index(manager, "messages", "messages_next_at_id_idx", &["next_at", "id"]).await
}

/// How often a login failed since a moment, by whose it was in a form that tells nobody who.
async fn login_failures(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("login_failures")
        .col(hash("subject").primary_key())
        .col(ColumnDef::new("failures").integer().not_null())
        .col(moment("since"))
        .take();
    manager.create_table(table).await?;
    index(manager, "login_failures", "login_failures_since_idx", &["since"]).await
}

fn hash(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).binary().not_null().take()
}

fn of_user(name: &str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(name).from(table, "user_id").to("users", "id").on_delete(ForeignKeyAction::Cascade).take()
}
