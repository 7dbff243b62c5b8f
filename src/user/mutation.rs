//! The root fields that write users.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use uuid::Uuid;

use super::email::normalise;
use super::object::User;
use super::write::{self, NewUser, UserChange};
use crate::account::{Proof, prove, wrong_password};
use crate::auth::Guarded;
use crate::error::{Error, Result};
use crate::graphql::{BigInt, ContextExt, Kind, RequestContext, Weight, plain_id, read_back, user_error};
use crate::mail::counted_as;
use crate::refusal::{Reason, Refusal};

user_error!(
    "user",
    UserUserError,
    UserUserErrorCode {
        /// A text that must say something is blank.
        Blank,
        /// A text is longer than is taken.
        TooLong,
        /// A value is not of the form that is taken, or the password is wrong.
        Invalid,
        /// The e-mail address is that of another user.
        Taken,
        /// There is no such user.
        NotFound,
        /// The user was changed since the version that was given.
        Conflict,
    }
);

#[derive(Default)]
pub struct UserMutation;

/// A user to be created.
#[derive(InputObject)]
pub struct UserCreateInput {
    /// The e-mail address, unique over all users: one `@` with something before and after it, no spaces, at most 254 bytes. It is
    /// kept in lower case.
    email: String,
    /// The name, at most 255 characters.
    name: String,
}

/// A change of a user. What is left out stays as it is.
#[derive(InputObject)]
pub struct UserUpdateInput {
    /// The user.
    id: ID,
    /// The version that the change is based on. When the user has another one by now, nothing is written: `CONFLICT`.
    version: Option<BigInt>,
    /// The e-mail address, unique over all users. The one that the user has is sent its message once more, if it is not verified.
    email: Option<String>,
    /// The name.
    name: Option<String>,
    /// Your password, to give yourself another e-mail address.
    password: Option<String>,
}

/// A user to be deleted.
#[derive(InputObject)]
pub struct UserDeleteInput {
    /// The user.
    id: ID,
    /// The version that was seen. When the user has another one by now, nothing is deleted: `CONFLICT`.
    version: Option<BigInt>,
    /// Your password, to delete yourself.
    password: Option<String>,
}

/// What came of creating a user.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct UserCreatePayload {
    /// The new user; null when it was refused.
    user: Option<User>,
    /// Why it was refused; empty when it was created.
    user_errors: Vec<UserUserError>,
}

/// What came of changing a user.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct UserUpdatePayload {
    /// The user as it is now; null when the change was refused.
    user: Option<User>,
    /// Why the change was refused; empty when it was made.
    user_errors: Vec<UserUserError>,
}

/// What came of deleting a user.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct UserDeletePayload {
    /// The id of the user that is gone; null when the deletion was refused.
    deleted_user_id: Option<ID>,
    /// Why the deletion was refused; empty when it was made.
    user_errors: Vec<UserUserError>,
}

#[Object]
impl UserMutation {
    /// Creates a user. Staff only.
    #[graphql(directive = Weight::apply(10))]
    async fn user_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user.")] input: UserCreateInput,
    ) -> Option<Result<UserCreatePayload>> {
        Some(create(ctx, input).await)
    }

    /// Changes a user: yourself, when you are logged in, or anyone as staff. Another e-mail address is not verified until `emailVerify`: a message goes there,
    /// and one to the address until now. More than 10 changes of your own address in 15 minutes, made or refused, are the error `THROTTLED`.
    #[graphql(directive = Weight::apply(10))]
    async fn user_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user and what changes.")] input: UserUpdateInput,
    ) -> Option<Result<UserUpdatePayload>> {
        Some(update(ctx, input).await)
    }

    /// Deletes a user, and ends their sessions: yourself, when you are logged in, or anyone as staff. The orders stay, without a user.
    #[graphql(directive = Weight::apply(10))]
    async fn user_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user.")] input: UserDeleteInput,
    ) -> Option<Result<UserDeletePayload>> {
        Some(delete(ctx, input).await)
    }
}

async fn create(ctx: &Context<'_>, input: UserCreateInput) -> Result<UserCreatePayload> {
    let request = ctx.request();
    request.require_staff()?;
    let user = NewUser { email: input.email, name: input.name };
    let outcome = request.write(|| write::create(&request.routing, user.clone())).await?;
    Ok(match outcome {
        Ok(id) => UserCreatePayload { user: read_back(User::fetch(request, id)).await?, ..Default::default() },
        Err(refusals) => UserCreatePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

async fn update(ctx: &Context<'_>, input: UserUpdateInput) -> Result<UserUpdatePayload> {
    let request = ctx.request();
    check_somebody(request)?;
    let id = request.shared.ids.expect(Kind::User, &input.id)?;
    let proof = match check_own(request, id, input.password.as_deref(), input.email.is_some()).await? {
        Ok(proof) => proof,
        Err(refusal) => {
            return Ok(UserUpdatePayload { user_errors: user_errors(vec![refusal]), ..Default::default() });
        }
    };
    if let Some(email) = &input.email
        && !request.viewer.is_staff()
    {
        count_move(request, id, email).await?;
    }
    let change =
        UserChange { id, version: input.version.map(|version| version.0), email: input.email, name: input.name };
    let outcome = request.write(|| write::update(&request.routing, change.clone(), proof.as_ref())).await?;
    Ok(match outcome {
        Ok(id) => {
            request.shared.outbox.notify();
            UserUpdatePayload { user: read_back(User::fetch(request, id)).await?, ..Default::default() }
        }
        Err(refusals) => UserUpdatePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

async fn delete(ctx: &Context<'_>, input: UserDeleteInput) -> Result<UserDeletePayload> {
    let request = ctx.request();
    check_somebody(request)?;
    let id = request.shared.ids.expect(Kind::User, &input.id)?;
    let proof = match check_own(request, id, input.password.as_deref(), true).await? {
        Ok(proof) => proof,
        Err(refusal) => {
            return Ok(UserDeletePayload { user_errors: user_errors(vec![refusal]), ..Default::default() });
        }
    };
    let version = input.version.map(|version| version.0);
    let outcome = request.write(|| write::delete(&request.routing, id, version, proof.as_ref())).await?;
    Ok(match outcome {
        Ok(ended) => {
            request.shared.sessions.forget(ended).await;
            if request.viewer.user() == Some(id) {
                request.visit.forget();
            }
            UserDeletePayload { deleted_user_id: Some(plain_id(Kind::User, id)), ..Default::default() }
        }
        Err(refusals) => UserDeletePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

/// Refuses whoever is nobody, before anything they sent is looked at.
fn check_somebody(request: &RequestContext) -> Result<()> {
    if request.viewer.is_nobody() { Err(Error::SessionOnly) } else { Ok(()) }
}

/// Refuses whoever may not change this user: for them there is no such user. Whoever changes what only they may decide proves to be that user; the
/// proof has to hold still when it is written.
async fn check_own(
    request: &RequestContext,
    id: Uuid,
    password: Option<&str>,
    asks_password: bool,
) -> Result<Result<Option<Proof>, Refusal>> {
    if !request.may_change(Guarded::User(id)) {
        return Ok(Err(Refusal::not_found("id", "user")));
    }
    if !asks_password || request.viewer.user() != Some(id) {
        return Ok(Ok(None));
    }
    let Some(password) = password else {
        return Ok(Err(Refusal::new("password", Reason::Blank, "password is needed for this")));
    };
    let proof = prove(request, id, password).await?;
    Ok(proof.map(Some).ok_or_else(|| wrong_password("password")))
}

/// Counts a change of one's own address: whether another user has it is told to nobody who asks for many, and nobody's mailbox is flooded.
async fn count_move(request: &RequestContext, id: Uuid, email: &str) -> Result<()> {
    let attempts = &request.shared.attempts;
    attempts.begin(Some(&format!("address of {id}")), request.visit.network.as_deref()).await?;
    if let Some(email) = normalise(email) {
        attempts.begin(Some(&counted_as(&email)), None).await?;
    }
    Ok(())
}

fn user_errors(refusals: Vec<Refusal>) -> Vec<UserUserError> {
    refusals.into_iter().map(Into::into).collect()
}
