//! The rules of writing accounts: what is checked, in which order, and what is refused.

use uuid::Uuid;

use super::proof::Proof;
use super::repo::{self, NewAccount};
use super::token::{self, Purpose};
use crate::auth::session::{self, NewSession};
use crate::auth::{KeyHash, Sessions};
use crate::db::{Routing, WriteTransaction, now};
use crate::mail::{Kind, queue};
use crate::refusal::{Abort, Checks, LONGEST_NAME, Reason, Refusal};
use crate::user::check_email;

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

/// Creates a user with a password, who is sent a message. Where messages reach mailboxes (`by_mail`) the user waits for the address to be proved, and
/// what becomes of an address that has an account is told there alone, in as many steps.
pub async fn register(routing: &Routing, person: Person, password_hash: String, by_mail: bool) -> Result<(), Abort> {
    let tx = routing.begin_write("userRegister").await?;
    let account = NewAccount { is_pending: by_mail, ..new_account(person, password_hash) };
    let (user, email, at) = (account.user, account.email.clone(), account.created_at);
    match repo::insert(&tx, account).await? {
        true => queue(&tx, Kind::Verify, &email, Some(user), at).await?,
        false if by_mail => queue(&tx, Kind::Taken, &email, None, at).await?,
        false => return Err(Refusal::taken("email", &email).into()),
    }
    Ok(tx.commit().await?)
}

/// Creates a user for whose address somebody vouches.
pub async fn create(routing: &Routing, person: Person, password_hash: String, is_staff: bool) -> Result<Uuid, Abort> {
    let tx = routing.begin_write("userCreate").await?;
    let account = new_account(person, password_hash);
    let account = NewAccount { email_verified_at: Some(account.created_at), is_staff, ..account };
    let (user, email) = (account.user, account.email.clone());
    if !repo::insert(&tx, account).await? {
        return Err(Refusal::taken("email", &email).into());
    }
    tx.commit().await?;
    Ok(user)
}

fn new_account(person: Person, password_hash: String) -> NewAccount {
    NewAccount {
        user: Uuid::now_v7(),
        email: person.email,
        name: person.name,
        password_hash,
        email_verified_at: None,
        is_pending: false,
        is_staff: false,
        created_at: now(),
    }
}

/// Has a message sent to whoever has this address, by which they can choose a new password. Whether anyone has it is not asked here.
pub async fn request_reset(routing: &Routing, email: &str) -> Result<(), Abort> {
    let tx = routing.begin_write("passwordResetRequest").await?;
    queue(&tx, Kind::Reset, email, None, now()).await?;
    Ok(tx.commit().await?)
}

/// What came of a new password that was chosen by a token.
pub struct Reset {
    pub user: Uuid,
    pub email: String,
    /// The tokens of sessions that are no good any more.
    pub ended: Vec<KeyHash>,
}

/// Uses a token up and sets the password, which ends all sessions. Whoever has the token has the mailbox: the address is proved with it.
pub async fn reset_password(routing: &Routing, held: &token::Held, hash: &str) -> Result<Reset, Abort> {
    let tx = routing.begin_write("passwordReset").await?;
    let now = now();
    let email = use_up(&tx, held).await?;
    repo::set_password(&tx, held.user, hash, now).await?;
    repo::set_verified(&tx, held.user, now).await?;
    token::forget_all(&tx, held.user, Some(Purpose::Reset)).await?;
    let ended = session::end_all(&tx, held.user).await?;
    tx.commit().await?;
    Ok(Reset { user: held.user, email, ended })
}

/// Uses a token up; the address that is proved by it.
pub async fn verify_email(routing: &Routing, held: &token::Held) -> Result<String, Abort> {
    let tx = routing.begin_write("emailVerify").await?;
    let email = use_up(&tx, held).await?;
    repo::set_verified(&tx, held.user, now()).await?;
    tx.commit().await?;
    Ok(email)
}

/// Locks the user and takes the token, which is good for the address that it was sent to alone.
async fn use_up(tx: &WriteTransaction, held: &token::Held) -> Result<String, Abort> {
    let account = repo::lock(tx, held.user).await?;
    let sent_to = token::use_up(tx, held, now()).await?;
    match (account, sent_to) {
        (Some(account), Some(email)) if account.email == email => Ok(email),
        _ => Err(bad_token().into()),
    }
}

/// Begins a session of whoever has proved to be this user.
pub async fn begin_session(routing: &Routing, sessions: &Sessions, proof: &Proof) -> Result<Begun, Abort> {
    let (token, hash) = sessions.new_token()?;
    let tx = routing.begin_write("sessionCreate").await?;
    still_holds(&tx, proof, no_login).await?;
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
    token::forget_all(&tx, proof.user, Some(Purpose::Reset)).await?;
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

/// The refusal of a login: what of it was wrong is not told.
pub fn no_login() -> Refusal {
    let text = "the e-mail address or the password is wrong, or the address was not verified after registering";
    Refusal::new("", Reason::Invalid, text)
}

/// The refusal of a password.
pub fn wrong(field: &str) -> Refusal {
    Refusal::new(field, Reason::Invalid, "the password is wrong")
}

/// The refusal of a token that was sent; why it is no good is not told.
pub fn bad_token() -> Refusal {
    Refusal::new("token", Reason::Invalid, "the token is wrong, too old or was used: ask for another one")
}

/// Locks the account and refuses where the password was changed after it was checked: its change has ended what began before.
pub async fn still_holds(tx: &WriteTransaction, proof: &Proof, refusal: impl FnOnce() -> Refusal) -> Result<(), Abort> {
    let account = repo::lock(tx, proof.user).await?;
    match account.and_then(|account| account.password_hash) {
        Some(hash) if hash == proof.hash => Ok(()),
        _ => Err(refusal().into()),
    }
}
