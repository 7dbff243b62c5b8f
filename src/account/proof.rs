//! Whether somebody has the password of an account: counted as a login whatever it is asked for, and found out in the same time whether there is
//! such an account or not.

use uuid::Uuid;

use super::repo::{self, Account};
use crate::auth::Attempt;
use crate::error::Result;
use crate::graphql::RequestContext;
use crate::text::cut;
use crate::user::normalise_email;

/// The longest that is kept apart of what is no e-mail address, in bytes.
const LONGEST_OTHER: usize = 254;

/// Somebody has proved to be this user.
pub struct Proof {
    pub user: Uuid,
    /// The hash that the password was right for.
    pub hash: String,
}

/// Whether this is the password of the user with this address; `None` when it is not, or there is no such user.
pub async fn of_email(request: &RequestContext, email: &str, password: &str) -> Result<Option<Proof>> {
    // What is no address is nobody's, and asked for all the same; Postgres takes no text with a NUL.
    let other = || cut(email.to_lowercase().replace('\0', ""), LONGEST_OTHER);
    let email = normalise_email(email).unwrap_or_else(other);
    let attempt = request.shared.attempts.begin(Some(&email), request.visit.network.as_deref()).await?;
    let found_out = async {
        let account = repo::by_email(&request.routing.reader("accountByEmail"), &email).await?;
        check(request, account, password, &attempt).await
    };
    unless_failed(request, &attempt, found_out.await).await
}

/// Whether this is the password of this user.
pub async fn of_user(request: &RequestContext, user: Uuid, password: &str) -> Result<Option<Proof>> {
    let Some(account) = repo::by_id(&request.routing.reader("accountById"), user).await? else { return Ok(None) };
    let attempt = request.shared.attempts.begin(Some(&account.email), request.visit.network.as_deref()).await?;
    let found_out = check(request, Some(account), password, &attempt).await;
    unless_failed(request, &attempt, found_out).await
}

/// An attempt of which nobody could find out whether it was right has failed nobody: it does not count.
pub async fn unless_failed<T>(request: &RequestContext, attempt: &Attempt, outcome: Result<T>) -> Result<T> {
    if outcome.is_err() {
        request.shared.attempts.undo(attempt).await;
    }
    outcome
}

async fn check(
    request: &RequestContext,
    account: Option<Account>,
    password: &str,
    attempt: &Attempt,
) -> Result<Option<Proof>> {
    let (user, hash, is_pending) =
        account.map_or((Uuid::nil(), None, false), |account| (account.user, account.password_hash, account.is_pending));
    let is_right = request.shared.passwords.is_right(password, hash.clone()).await?;
    let outcome = match (is_right, is_pending) {
        (true, false) => "right",
        (true, true) => "pending",
        (false, _) => "wrong",
    };
    metrics::counter!("storefront_logins_total", "outcome" => outcome).increment(1);
    // Whoever registers with the address of somebody else would learn of it if they could log in before they have proved it.
    let Some(hash) = hash.filter(|_| is_right && !is_pending) else { return Ok(None) };
    request.shared.attempts.take_back(attempt).await?;
    Ok(Some(Proof { user, hash }))
}
