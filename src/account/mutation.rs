//! The root fields by which a user gets an account and changes the password.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::{proof, write};
use crate::error::{Error, Result};
use crate::graphql::{ContextExt, Shared, Weight, user_error};
use crate::mail::counted_as;
use crate::refusal::{Abort, Checks, Refusal};

user_error!(
    "account",
    AccountUserError,
    AccountUserErrorCode {
        /// A text that must say something is blank.
        Blank,
        /// A text is longer than is taken.
        TooLong,
        /// A password is shorter than is taken.
        TooShort,
        /// A value is not of the form that is taken, or a password or a token is wrong.
        Invalid,
        /// The e-mail address is that of another user.
        Taken,
        /// There is no such session.
        NotFound,
    }
);

#[derive(Default)]
pub struct AccountMutation;

/// Somebody who registers.
#[derive(InputObject)]
pub struct UserRegisterInput {
    /// The e-mail address, unique over all users: one `@` with something before and after it, no spaces, at most 254 bytes. It is
    /// kept in lower case.
    email: String,
    /// The name, at most 255 characters.
    name: String,
    /// The password, of 8 to 256 characters. It is kept as a hash alone.
    password: String,
}

/// A change of one's own password.
#[derive(InputObject)]
pub struct PasswordChangeInput {
    /// The password until now.
    current_password: String,
    /// The password from now on, of 8 to 256 characters.
    new_password: String,
}

/// What came of registering.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct UserRegisterPayload {
    /// The e-mail address as it is kept; null when it was refused.
    email: Option<String>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<AccountUserError>,
}

/// What came of changing a password.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct PasswordChangePayload {
    /// How many other sessions have ended with the old password.
    ended_session_count: i32,
    /// Why the change was refused; empty when it was made.
    user_errors: Vec<AccountUserError>,
}

#[Object]
impl AccountMutation {
    /// Makes an account with a password. Log in with `sessionCreate` afterwards. Where the shop sends e-mail, the address has to be verified first
    /// (`emailVerify`), and one that has an account is answered as any other: its owner is sent a message. Otherwise it is `TAKEN`. Too many in 15
    /// minutes are the error `THROTTLED`.
    #[graphql(directive = Weight::apply(50))]
    async fn user_register(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who registers.")] input: UserRegisterInput,
    ) -> Option<Result<UserRegisterPayload>> {
        Some(register(ctx, input).await)
    }

    /// Changes the password of whoever is logged in, and ends all their other sessions; messages with which a password can be chosen are no good
    /// any more. A wrong password counts as a login that failed.
    #[graphql(directive = Weight::apply(50))]
    async fn password_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The passwords.")] input: PasswordChangeInput,
    ) -> Option<Result<PasswordChangePayload>> {
        Some(change_password(ctx, input).await)
    }
}

async fn register(ctx: &Context<'_>, input: UserRegisterInput) -> Result<UserRegisterPayload> {
    let request = ctx.request();
    let refused = |refusals| UserRegisterPayload { user_errors: user_errors(refusals), ..Default::default() };
    let person = match write::check_person(&input.email, input.name, &input.password) {
        Ok(person) => person,
        Err(abort) => return Abort::into_outcome::<()>(abort).map(|out| refused(out.err().unwrap_or_default())),
    };
    let Shared { outbox, attempts, passwords, .. } = &*request.shared;
    let by_mail = outbox.reaches_mailboxes();
    // Each message counts, whatever becomes of it; without messages, each address that was taken.
    let counted_as = by_mail.then(|| counted_as(&person.email));
    let attempt = attempts.begin(counted_as.as_deref(), request.visit.network.as_deref()).await?;
    let hash = proof::unless_failed(request, &attempt, passwords.hash(&input.password).await).await?;
    let outcome = request.write(|| write::register(&request.routing, person.clone(), hash.clone(), by_mail)).await?;
    match outcome {
        Ok(()) => {
            outbox.notify();
            if !by_mail {
                attempts.take_back(&attempt).await?;
            }
            Ok(UserRegisterPayload { email: Some(person.email), ..Default::default() })
        }
        Err(refusals) => Ok(refused(refusals)),
    }
}

async fn change_password(ctx: &Context<'_>, input: PasswordChangeInput) -> Result<PasswordChangePayload> {
    let request = ctx.request();
    let refused = |refusals| PasswordChangePayload { user_errors: user_errors(refusals), ..Default::default() };
    let (Some(user), Some(session)) = (request.viewer.user(), request.viewer.session()) else {
        return Err(Error::SessionOnly);
    };
    let mut checks = Checks::default();
    write::check_password(&mut checks, "newPassword", &input.new_password);
    let refusals = checks.refusals();
    if !refusals.is_empty() {
        return Ok(refused(refusals));
    }
    let Some(proof) = proof::of_user(request, user, &input.current_password).await? else {
        return Ok(refused(vec![write::wrong("currentPassword")]));
    };
    let hash = request.shared.passwords.hash(&input.new_password).await?;
    let outcome = request.write(|| write::change_password(&request.routing, &proof, &hash, session)).await?;
    match outcome {
        Ok(ended) => {
            let count = i32::try_from(ended.len()).unwrap_or(i32::MAX);
            request.shared.sessions.forget(ended).await;
            Ok(PasswordChangePayload { ended_session_count: count, ..Default::default() })
        }
        Err(refusals) => Ok(refused(refusals)),
    }
}

pub fn user_errors(refusals: Vec<Refusal>) -> Vec<AccountUserError> {
    refusals.into_iter().map(Into::into).collect()
}
