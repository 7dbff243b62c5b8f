//! `storefront client`: who may call with a key of their own.
//!
//! The standard output is for programs: the key that was made, or the list. What is for people goes to standard error.

use std::io::{Write, stdout};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use migration::{Migrator, MigratorTrait};
use uuid::Uuid;

use crate::auth::{CLIENT_HEADER, KeptClient, KeyHash, add_client, clients, new_key, revoke_client};
use crate::config::{DatabaseConfig, LogConfig};
use crate::db::{Db, now};
use crate::refusal::LONGEST_NAME;

#[derive(Args)]
pub struct Client {
    #[command(subcommand)]
    action: Action,
}

/// The database that is meant, and how much is told.
#[derive(Args)]
struct Target {
    #[command(flatten)]
    database: DatabaseConfig,

    #[command(flatten)]
    log: LogConfig,
}

#[derive(Subcommand)]
enum Action {
    /// Make a client and print its key, which is shown this once.
    Create {
        /// What the client is called; no other client in use has this name.
        #[arg(value_parser = client_name)]
        name: String,

        /// How many points it may spend in a window. Default: as many as any client.
        #[arg(long, env = "STOREFRONT_KEY_POINTS", value_parser = clap::value_parser!(i64).range(1..=1_000_000_000))]
        points: Option<i64>,

        #[command(flatten)]
        target: Target,
    },
    /// List the clients: id, points in a window, when each was made and revoked, and its name.
    List(Target),
    /// End a client's key for good.
    Revoke {
        /// The id of the client, or its name.
        #[arg(value_name = "ID-OR-NAME")]
        client: String,

        #[command(flatten)]
        target: Target,
    },
}

impl Client {
    pub fn log(&self) -> &LogConfig {
        &self.action.target().log
    }
}

impl Action {
    fn target(&self) -> &Target {
        match self {
            Self::Create { target, .. } | Self::List(target) | Self::Revoke { target, .. } => target,
        }
    }
}

pub async fn run(command: Client) -> anyhow::Result<()> {
    let database = &command.action.target().database;
    database.check()?;
    let db = Db::connect(database).await?;
    let done = act(&db, command.action).await;
    db.close().await;
    done
}

async fn act(db: &Db, action: Action) -> anyhow::Result<()> {
    let pending = Migrator::get_pending_migrations(db.administration()).await?.len();
    ensure!(pending == 0, "the database lacks {pending} changes, run storefront migrate up");
    match action {
        Action::Create { name, points, .. } => create(db, name, points).await,
        Action::List(_) => list(db).await,
        Action::Revoke { client, .. } => revoke(db, client.trim()).await,
    }
}

async fn create(db: &Db, name: String, points: Option<i64>) -> anyhow::Result<()> {
    let key = new_key().context("the operating system gives no random numbers")?;
    let hash = KeyHash::of(&key).context("a new key has the form of a key")?;
    let client = KeptClient { id: Uuid::now_v7(), name, points, created_at: now(), revoked_at: None };
    let KeptClient { id, name, .. } = &client;
    if !add_client(db.administration(), &client, &hash).await? {
        bail!("there is a client {name:?} already: take another name, or revoke that one first");
    }
    writeln!(stdout(), "{key}")
        .with_context(|| format!("the key is lost, revoke the client {name:?} and make another: cannot print"))?;
    eprintln!("made the client {name:?}, {id}: it sends this key in {CLIENT_HEADER}, and nobody can show it again");
    Ok(())
}

async fn list(db: &Db) -> anyhow::Result<()> {
    let clients = clients(db.administration()).await?;
    if clients.is_empty() {
        eprintln!("there are no clients yet, make one with storefront client create NAME");
        return Ok(());
    }
    let mut out = stdout();
    writeln!(out, "{:<36}  {:>10}  {:<20}  {:<20}  name", "id", "points", "created", "revoked")?;
    for KeptClient { id, name, points, created_at, revoked_at } in clients {
        let points = points.map_or_else(|| "default".to_owned(), |points| points.to_string());
        let revoked = revoked_at.map_or_else(|| "-".to_owned(), to_the_second);
        writeln!(out, "{id:<36}  {points:>10}  {:<20}  {revoked:<20}  {name}", to_the_second(created_at))?;
    }
    Ok(())
}

async fn revoke(db: &Db, asked: &str) -> anyhow::Result<()> {
    let clients = clients(db.administration()).await?;
    let id = Uuid::try_parse(asked).ok();
    let found = clients.iter().find(|client| match id {
        Some(id) => client.id == id,
        None => client.name == asked && client.revoked_at.is_none(),
    });
    let Some(KeptClient { id, name, revoked_at, .. }) = found else {
        bail!("there is no client {asked:?} in use, see storefront client list");
    };
    if let Some(at) = revoked_at {
        writeln!(stdout(), "the client {name:?}, {id}, was revoked before, at {}", to_the_second(*at))?;
    } else if revoke_client(db.administration(), *id, now()).await? {
        writeln!(stdout(), "revoked the client {name:?}, {id}: servers stop taking its key within 60 s")?;
        eprintln!("a server that cannot reach the primary stops within 10 minutes of when it last asked about the key");
    } else {
        writeln!(stdout(), "the client {name:?}, {id}, was revoked before, a moment ago")?;
    }
    Ok(())
}

fn to_the_second(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn client_name(text: &str) -> Result<String, String> {
    let name = text.trim();
    let length = name.chars().count();
    if name.is_empty() {
        return Err("the name is blank".to_owned());
    }
    if length > LONGEST_NAME {
        return Err(format!("the name has {length} characters, over the maximum of {LONGEST_NAME}"));
    }
    if let Some(control) = name.chars().find(|letter| letter.is_control()) {
        return Err(format!("the name has the control character {control:?}"));
    }
    if Uuid::try_parse(name).is_ok() {
        return Err("the name is like an id, which revoke would take it for".to_owned());
    }
    Ok(name.to_owned())
}
