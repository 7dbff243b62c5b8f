//! The root fields by which somebody proves to read the mailbox of an account: to verify its address, and to choose a new password.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::mutation::{AccountUserError, user_errors};
use super::token::{self, Purpose};
use super::write;
use crate::db::now;
use crate::error::Result;
use crate::graphql::{ContextExt, RequestContext, Shared, Weight};
use crate::mail::counted_as;
use crate::refusal::{Checks, Refusal};
use crate::user::check_email;

#[derive(Default)]
pub struct MailboxMutation;

/// Somebody who cannot log in.
#[derive(InputObject)]
pub struct PasswordResetRequestInput {
    /// The e-mail address, upper and lower case alike.
    email: String,
}

/// A new password.
#[derive(InputObject)]
pub struct PasswordResetInput {
    /// What the message of `passwordResetRequest` brought: `sfu_…`.
    token: String,
    /// The password from now on, of 8 to 256 characters.
    password: String,
}

/// An address to be verified.
#[derive(InputObject)]
pub struct EmailVerifyInput {
    /// What the message to the address brought: `sfu_…`.
    token: String,
}

/// What came of asking for a new password.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct PasswordResetRequestPayload {
    /// The e-mail address as it was understood; null when it was refused. Whether it has an account is not told.
    email: Option<String>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<AccountUserError>,
}

/// What came of choosing a new password.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct PasswordResetPayload {
    /// How many sessions have ended with the old password.
    ended_session_count: i32,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<AccountUserError>,
}

/// What came of verifying an address.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct EmailVerifyPayload {
    /// The address that is verified; null when it was refused.
    email: Option<String>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<AccountUserError>,
}

#[Object]
impl MailboxMutation {
    /// Has a message sent to the address, if it has an account, with a token for `passwordReset` that is good for an hour. The answer is the same if it has
    /// none. Too many in 15 minutes are the error `THROTTLED`: 10 for one address, 30 from one network.
    #[graphql(directive = Weight::apply(50))]
    async fn password_reset_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose password.")] input: PasswordResetRequestInput,
    ) -> Option<Result<PasswordResetRequestPayload>> {
        Some(request_reset(ctx.request(), input).await)
    }

    /// Sets a new password, once for each token, and ends all sessions of its user. The address is verified with it.
    #[graphql(directive = Weight::apply(50))]
    async fn password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token and the password.")] input: PasswordResetInput,
    ) -> Option<Result<PasswordResetPayload>> {
        Some(reset(ctx.request(), input).await)
    }

    /// Verifies the address that the token was sent to, if its user still has it. A token is good once, for 24 hours.
    #[graphql(directive = Weight::apply(10))]
    async fn email_verify(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token.")] input: EmailVerifyInput,
    ) -> Option<Result<EmailVerifyPayload>> {
        Some(verify(ctx.request(), input).await)
    }
}

async fn request_reset(
    request: &RequestContext,
    input: PasswordResetRequestInput,
) -> Result<PasswordResetRequestPayload> {
    let refused = |refusals| PasswordResetRequestPayload { user_errors: user_errors(refusals), ..Default::default() };
    let mut checks = Checks::default();
    let email = check_email(&mut checks, &input.email);
    let refusals = checks.refusals();
    if !refusals.is_empty() {
        return Ok(refused(refusals));
    }
    let Shared { attempts, outbox, .. } = &*request.shared;
    attempts.begin(Some(&counted_as(&email)), request.visit.network.as_deref()).await?;
    Ok(match request.write(|| write::request_reset(&request.routing, &email)).await? {
        Ok(()) => {
            outbox.notify();
            PasswordResetRequestPayload { email: Some(email), ..Default::default() }
        }
        Err(refusals) => refused(refusals),
    })
}

async fn reset(request: &RequestContext, input: PasswordResetInput) -> Result<PasswordResetPayload> {
    let refused = |refusals| PasswordResetPayload { user_errors: user_errors(refusals), ..Default::default() };
    let mut checks = Checks::default();
    write::check_password(&mut checks, "password", &input.password);
    let refusals = checks.refusals();
    if !refusals.is_empty() {
        return Ok(refused(refusals));
    }
    // Looked at before the password is hashed, which takes long; taken after it.
    let Some(held) = held(request, Purpose::Reset, &input.token).await? else {
        return Ok(refused(vec![write::bad_token()]));
    };
    let Shared { attempts, passwords, sessions, .. } = &*request.shared;
    let hash = passwords.hash(&input.password).await?;
    let reset = match request.write(|| write::reset_password(&request.routing, &held, &hash)).await? {
        Ok(reset) => reset,
        Err(refusals) => return Ok(refused(refusals)),
    };
    let count = i32::try_from(reset.ended.len()).unwrap_or(i32::MAX);
    sessions.forget(reset.ended).await;
    if request.viewer.user() == Some(reset.user) {
        request.visit.forget();
    }
    attempts.forgive(&reset.email, request.visit.network.as_deref()).await?;
    Ok(PasswordResetPayload { ended_session_count: count, ..Default::default() })
}

async fn verify(request: &RequestContext, input: EmailVerifyInput) -> Result<EmailVerifyPayload> {
    let refused =
        |refusals: Vec<Refusal>| EmailVerifyPayload { user_errors: user_errors(refusals), ..Default::default() };
    let Some(held) = held(request, Purpose::Verify, &input.token).await? else {
        return Ok(refused(vec![write::bad_token()]));
    };
    match request.write(|| write::verify_email(&request.routing, &held)).await? {
        Ok(email) => {
            // Logins that came too early are none that failed.
            request.shared.attempts.forgive(&email, request.visit.network.as_deref()).await?;
            Ok(EmailVerifyPayload { email: Some(email), ..Default::default() })
        }
        Err(refusals) => Ok(refused(refusals)),
    }
}

async fn held(request: &RequestContext, purpose: Purpose, token: &str) -> Result<Option<token::Held>> {
    token::holder(&request.routing.reader("userToken"), purpose, token, now()).await
}
