//! The rules of writing accounts: what is checked, in which order, and what is refused.

use uuid::Uuid;

use super::proof::Proof;
use super::repo::{self, NewAccount};
use crate::auth::session::{self, NewSession};
use crate::auth::{KeyHash, Sessions};
use crate::db::{Routing, now};
use crate::refusal::{Abort, Checks, LONGEST_NAME, Reason, Refusal};
use crate::user::{check_email, refuse_violation};

/// The fewest and the most characters of a password.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=256;

/// What somebody who registers has given, checked; the password apart.
#[derive(Clone)]
pub struct Person {
    pub email: String,
    pub name: String,
}

/// A session that has begun, and the token by which it is known: it is told this once.
pub struct Begun {
    pub id: Uuid,
    pub user: Uuid,
    pub token: String,
    pub created_at: chrono::DateTime<chrono::Utc>,
    pub expires_at: chrono::DateTime<chrono::Utc>,
}

pub fn check_person(email: &str, name: String, password: &str) -> Result<Person, Abort> {
    let mut checks = Checks::default();
    let email = check_email(&mut checks, email);
    checks.line("name", &name, LONGEST_NAME);
    check_password(&mut checks, "password", password);
    checks.done().map(|()| Person { email, name })
}

/// Refuses what is no password to be; says nothing of it but its length.
pub fn check_password(checks: &mut Checks, field: &str, password: &str) {
    let (length, shortest, longest) = (password.chars().count(), PASSWORD.start(), PASSWORD.end());
    if length < *shortest {
        let message = format!("{field} has {length} characters, under the minimum of {shortest}");
        checks.refuse(Refusal::new(field, Reason::TooShort, message));
    } else if length > *longest {
        let message = format!("{field} has {length} characters, over the maximum of {longest}");
        checks.refuse(Refusal::new(field, Reason::TooLong, message));
    }
}

/// Creates a user with a password.
pub async fn register(routing: &Routing, person: Person, password_hash: String) -> Result<(), Abort> {
    let Person { email, name } = person;
    let tx = routing.begin_write("userRegister").await?;
    let account = NewAccount { user: Uuid::now_v7(), email: email.clone(), name, password_hash, created_at: now() };
    repo::insert(&tx, account).await.map_err(|error| refuse_violation(error, &email))?;
    Ok(tx.commit().await?)
}

/// Begins a session of whoever has proved to be this user.
pub async fn begin_session(routing: &Routing, sessions: &Sessions, proof: &Proof) -> Result<Begun, Abort> {
    let (token, hash) = sessions.new_token()?;
    let tx = routing.begin_write("sessionCreate").await?;
    still_holds(&tx, proof, || wrong("")).await?;
    let created_at = now();
    let begun =
        Begun { id: Uuid::now_v7(), user: proof.user, token, created_at, expires_at: created_at + session::LIFE };
    let Begun { id, user, expires_at, .. } = begun;
    session::add(&tx, &NewSession { id, user, hash, created_at, expires_at }).await?;
    tx.commit().await?;
    Ok(begun)
}

/// Changes a password and ends all sessions but this one; the tokens that are no good any more.
pub async fn change_password(
    routing: &Routing,
    proof: &Proof,
    hash: &str,
    kept_session: Uuid,
) -> Result<Vec<KeyHash>, Abort> {
    let tx = routing.begin_write("passwordChange").await?;
    still_holds(&tx, proof, || wrong("currentPassword")).await?;
    repo::set_password(&tx, proof.user, hash, now()).await?;
    let ended = session::end_others(&tx, proof.user, kept_session).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Ends a session of a user.
pub async fn end_session(routing: &Routing, user: Uuid, id: Uuid) -> Result<Vec<KeyHash>, Abort> {
    let tx = routing.begin_write("sessionDelete").await?;
    let ended = session::end(&tx, user, id).await?;
    if ended.is_empty() {
        return Err(Refusal::not_found("id", "session").into());
    }
    tx.commit().await?;
    Ok(ended)
}

/// Ends the sessions of a user, all of them or all but one.
pub async fn end_sessions(routing: &Routing, user: Uuid, kept: Option<Uuid>) -> Result<Vec<KeyHash>, Abort> {
    let tx = routing.begin_write("sessionDeleteAll").await?;
    let ended = match kept {
        Some(kept) => session::end_others(&tx, user, kept).await?,
        None => session::end_all(&tx, user).await?,
    };
    tx.commit().await?;
    Ok(ended)
}

/// The refusal of a password, or of an e-mail address and a password: which of the two was wrong is not told.
pub fn wrong(field: &str) -> Refusal {
    let what = if field.is_empty() { "the e-mail address or the password is wrong" } else { "the password is wrong" };
    Refusal::new(field, Reason::Invalid, what)
}

/// Locks the account and refuses where the password was changed after it was checked: its change has ended what began before.
async fn still_holds(
    tx: &impl sea_orm::ConnectionTrait,
    proof: &Proof,
    refusal: impl FnOnce() -> Refusal,
) -> Result<(), Abort> {
    let account = repo::lock(tx, proof.user).await?;
    match account.and_then(|account| account.password_hash) {
        Some(hash) if hash == proof.hash => Ok(()),
        _ => Err(refusal().into()),
    }
}
