//! The rules of writing users: what is checked, in which order, and what is refused.

use sea_orm::{DbErr, NotSet, Set};
use uuid::Uuid;

use super::email::{self, LONGEST_EMAIL};
use super::entity::ActiveModel;
use super::repo;
use crate::account::{Proof, forget_tokens, still_holds, wrong_password};
use crate::auth::{KeyHash, session};
use crate::db::{Routing, WriteTransaction, now, set};
use crate::mail::{self, Kind};
use crate::refusal::{Abort, Checks, LONGEST_NAME, Reason, Refusal, check_version};
use crate::text::shorten;

/// A user to be created.
#[derive(Clone)]
pub struct NewUser {
    pub email: String,
    pub name: String,
}

/// A change of a user; what is `None` stays.
#[derive(Clone)]
pub struct UserChange {
    pub id: Uuid,
    pub version: Option<i64>,
    pub email: Option<String>,
    pub name: Option<String>,
}

/// Creates a user and gives its id.
pub async fn create(routing: &Routing, user: NewUser) -> Result<Uuid, Abort> {
    let NewUser { email, name } = user;
    let mut checks = Checks::default();
    let email = check_email(&mut checks, &email);
    checks.line("name", &name, LONGEST_NAME);
    checks.done()?;

    let tx = routing.begin_write("userCreate").await?;
    let id = Uuid::now_v7();
    if repo::email_is_taken(&tx, &email, id).await? {
        return Err(Refusal::taken("email", &email).into());
    }
    let now = now();
    let row = ActiveModel {
        id: Set(id),
        email: Set(email.clone()),
        name: Set(name),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    repo::insert(&tx, row).await.map_err(|error| refuse_violation(error, &email))?;
    tx.commit().await?;
    Ok(id)
}

/// Changes a user and gives its id. Another address has to be proved anew: a message goes there, and one to the address until now. The same address is
/// sent its message once more as long as it is not proved.
pub async fn update(routing: &Routing, change: UserChange, proof: Option<&Proof>) -> Result<Uuid, Abort> {
    let UserChange { id, version, email, name } = change;
    let mut checks = Checks::default();
    let email = email.map(|email| check_email(&mut checks, &email));
    if let Some(name) = &name {
        checks.line("name", name, LONGEST_NAME);
    }
    checks.done()?;

    let tx = routing.begin_write("userUpdate").await?;
    check_proof(&tx, proof).await?;
    let Some(row) = repo::lock(&tx, id).await? else { return Err(Refusal::not_found("id", "user").into()) };
    check_version(version, row.version)?;
    if let Some(email) = &email
        && repo::email_is_taken(&tx, email, id).await?
    {
        return Err(Refusal::taken("email", email).into());
    }
    let is_moving = email.as_ref().is_some_and(|email| *email != row.email);
    let wanted = email.clone().unwrap_or_default();
    let email_verified_at = if is_moving { Set(None) } else { NotSet };
    let changes = ActiveModel {
        email: set(email),
        name: set(name),
        email_verified_at,
        updated_at: Set(now()),
        ..Default::default()
    };
    repo::update(&tx, id, changes).await.map_err(|error| refuse_violation(error, &wanted))?;
    if is_moving {
        move_account(&tx, id, &row.email).await?;
    }
    if is_moving || (!wanted.is_empty() && row.email_verified_at.is_none()) {
        mail::queue(&tx, Kind::Verify, &wanted, Some(id), now()).await?;
    }
    tx.commit().await?;
    Ok(id)
}

/// Leaves an address: what was sent there is no good any more, and what waits for it is not sent but one last message.
async fn move_account(tx: &WriteTransaction, id: Uuid, from: &str) -> Result<(), DbErr> {
    forget_tokens(tx, id, None).await?;
    mail::drop_for(tx, from).await?;
    mail::queue(tx, Kind::Moved, from, Some(id), now()).await
}

/// Deletes a user with all that is kept of them; the tokens of the sessions that were ended with it. The orders stay.
pub async fn delete(
    routing: &Routing,
    id: Uuid,
    version: Option<i64>,
    proof: Option<&Proof>,
) -> Result<Vec<KeyHash>, Abort> {
    let tx = routing.begin_write("userDelete").await?;
    check_proof(&tx, proof).await?;
    let Some(row) = repo::lock(&tx, id).await? else { return Err(Refusal::not_found("id", "user").into()) };
    check_version(version, row.version)?;
    let ended = session::end_all(&tx, id).await?;
    mail::drop_for(&tx, &row.email).await?;
    repo::delete(&tx, id).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Refuses where the password was changed after it was checked, by whoever has the mailbox perhaps.
async fn check_proof(tx: &WriteTransaction, proof: Option<&Proof>) -> Result<(), Abort> {
    match proof {
        Some(proof) => still_holds(tx, proof, || wrong_password("password")).await,
        None => Ok(()),
    }
}

/// The address as it is kept; what is returned for one that is refused is never used.
pub fn check_email(checks: &mut Checks, text: &str) -> String {
    let email = email::normalise(text);
    if email.is_none() {
        checks.refuse(if text.len() > LONGEST_EMAIL {
            let message = format!("email has {} bytes, over the maximum of {LONGEST_EMAIL}", text.len());
            Refusal::new("email", Reason::TooLong, message)
        } else {
            let message = format!("{:?} is not an e-mail address such as \"ada@example.com\"", shorten(text));
            Refusal::new("email", Reason::Invalid, message)
        });
    }
    email.unwrap_or_default()
}

/// The refusal of an address that someone else has taken in the meantime.
pub fn refuse_violation(error: DbErr, email: &str) -> Abort {
    Abort::from_violation(error, |violation| {
        violation.is_unique("users", &["email"]).then(|| Refusal::taken("email", email))
    })
}
