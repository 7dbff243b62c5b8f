//! `storefront user`: accounts that are made by hand, such as the first one of staff.
//!
//! The standard output is for programs: the password, if one was made. What is for people goes to standard error.

use std::io::{BufRead, IsTerminal, Write, stdin, stdout};
use std::sync::Arc;

use anyhow::{Context, anyhow, ensure};
use clap::{Args, Subcommand};
use console::Term;
use migration::{Migrator, MigratorTrait};

use crate::account::{self, Person};
use crate::auth::{Passwords, new_password};
use crate::config::{DatabaseConfig, LogConfig};
use crate::db::{Db, Routing};
use crate::refusal::{Abort, Reason};

#[derive(Args)]
pub struct User {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Make a user with a password, which is printed this once if none is given. The address counts as verified.
    Create(Create),
}

#[derive(Args)]
struct Create {
    /// The e-mail address to log in with; no other user has it.
    #[arg(long, env = "STOREFRONT_USER_EMAIL")]
    email: String,

    /// The name.
    #[arg(long, env = "STOREFRONT_USER_NAME")]
    name: String,

    /// The user is staff, and may see and change everything.
    #[arg(long, env = "STOREFRONT_USER_STAFF")]
    staff: bool,

    /// Read the password from the standard input, from a terminal without showing it, instead of making one.
    #[arg(long, env = "STOREFRONT_USER_PASSWORD_STDIN")]
    password_stdin: bool,

    #[command(flatten)]
    database: DatabaseConfig,

    #[command(flatten)]
    log: LogConfig,
}

impl User {
    pub fn log(&self) -> &LogConfig {
        let Action::Create(create) = &self.action;
        &create.log
    }
}

pub async fn run(command: User) -> anyhow::Result<()> {
    let Action::Create(command) = command.action;
    command.database.check()?;
    // Asked for before anything is opened: whoever types takes a while.
    let given = if command.password_stdin { Some(read_password()?) } else { None };
    let db = Arc::new(Db::connect(&command.database).await?);
    let done = create(&db, command, given).await;
    db.close().await;
    done
}

async fn create(db: &Arc<Db>, command: Create, given: Option<String>) -> anyhow::Result<()> {
    let pending = Migrator::get_pending_migrations(db.administration()).await?.len();
    ensure!(pending == 0, "the database lacks {pending} changes, run storefront migrate up");
    let password = match &given {
        Some(password) => password.clone(),
        None => new_password().context("the operating system gives no random numbers")?,
    };
    let person = account::check_person(&command.email, command.name, &password).map_err(told)?;
    let Person { email, name } = person.clone();
    let hash = Passwords::default().hash(&password).await?;
    let routing = Routing::on_primary(db.clone());
    let id = account::create(&routing, person, hash, command.staff).await.map_err(told)?;
    if given.is_none() {
        writeln!(stdout(), "{password}").with_context(|| {
            format!("the password of {email} is lost, ask for another with passwordResetRequest: cannot print")
        })?;
    }
    let kind = if command.staff { "staff" } else { "a shopper" };
    eprintln!("made the user {name:?}, {email}, {id}, who is {kind} and logs in with sessionCreate");
    Ok(())
}

fn read_password() -> anyhow::Result<String> {
    let read = if stdin().is_terminal() {
        eprint!("password: ");
        Term::stderr().read_secure_line()
    } else {
        let mut line = String::new();
        stdin().lock().read_line(&mut line).map(|_| line.trim_end_matches(['\r', '\n']).to_owned())
    };
    read.context("the password cannot be read from the standard input")
}

/// Why there is no such user, in words.
fn told(abort: Abort) -> anyhow::Error {
    match abort {
        Abort::Refused(refusals) if refusals.iter().any(|refusal| refusal.reason == Reason::Taken) => {
            anyhow!("there is a user with this address already")
        }
        Abort::Refused(refusals) => {
            let texts: Vec<String> = refusals.into_iter().map(|refusal| refusal.message).collect();
            anyhow!("the user is not made: {}", texts.join("; "))
        }
        Abort::Failed(error) => error.cause().map_or_else(|| anyhow!("{error}"), |cause| anyhow!("{cause:#}")),
    }
}
