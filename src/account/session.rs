//! The root fields by which a user logs in and out, and the GraphQL type `Session`.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::mutation::{AccountUserError, user_errors};
use super::{proof, write};
use crate::auth::Guarded;
use crate::error::{Error, Result};
use crate::graphql::{ContextExt, DateTime, Kind, MaxAge, Owned, RequestContext, Weight};
use crate::refusal::Refusal;

#[derive(Default)]
pub struct SessionMutation;

/// How the token of a session gets to the client, and back with each request.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SessionTransport {
    /// In the payload; send it as `Authorization: Bearer …`. For native clients, and for servers that keep it for their visitors.
    Bearer,
    /// In a cookie that no script sees. For pages of the same site.
    Cookie,
}

/// Somebody who logs in.
#[derive(InputObject)]
pub struct SessionCreateInput {
    /// The e-mail address, upper and lower case alike.
    email: String,
    /// The password.
    password: String,
    /// How the token gets to the client.
    #[graphql(default_with = "SessionTransport::Bearer")]
    transport: SessionTransport,
}

/// A session to be ended.
#[derive(InputObject)]
pub struct SessionDeleteInput {
    /// The session; without one that of the request.
    id: Option<ID>,
}

/// Sessions to be ended.
#[derive(InputObject)]
pub struct SessionDeleteAllInput {
    /// Whether the session of the request goes on.
    #[graphql(default)]
    keeps_this: bool,
}

/// A login that holds until it is ended, or for 7 days after its last use.
#[derive(SimpleObject)]
#[graphql(directive = MaxAge::apply(0))]
pub struct Session {
    /// The id. It is no secret, and no one is let in by it.
    id: ID,
    /// When it began.
    created_at: DateTime,
    /// When it ends, if it is not used until then.
    expires_at: DateTime,
}

/// What came of logging in.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct SessionCreatePayload {
    /// The session; null when it was refused.
    session: Option<Session>,
    /// What `Authorization: Bearer` takes, shown this once; null when it was refused, or is in the cookie.
    token: Option<String>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<AccountUserError>,
}

/// What came of ending a session.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct SessionDeletePayload {
    /// The id of the session that has ended; null when it was refused.
    deleted_session_id: Option<ID>,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<AccountUserError>,
}

/// What came of ending sessions.
#[derive(SimpleObject, Default)]
#[graphql(directive = Weight::apply(0))]
pub struct SessionDeleteAllPayload {
    /// How many sessions have ended.
    ended_session_count: i32,
    /// Why it was refused; empty when it was not.
    user_errors: Vec<AccountUserError>,
}

#[Object]
impl SessionMutation {
    /// Logs in. Whether the address or the password was wrong is not told, nor whether the address was never verified by whoever registered. More than 10 that failed in 15 minutes for one account, or 30 from
    /// one address, are the error `THROTTLED`.
    #[graphql(directive = Weight::apply(50))]
    async fn session_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who logs in, and how.")] input: SessionCreateInput,
    ) -> Option<Result<SessionCreatePayload>> {
        Some(create(ctx.request(), input).await)
    }

    /// Ends a session: that of the request, or another one of the same user. It is over on other instances of the server within 60 s.
    #[graphql(directive = Weight::apply(10))]
    async fn session_delete(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The session.")] input: SessionDeleteInput,
    ) -> Option<Result<SessionDeletePayload>> {
        Some(delete(ctx.request(), input).await)
    }

    /// Ends all sessions of whoever is logged in.
    #[graphql(directive = Weight::apply(10))]
    async fn session_delete_all(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which sessions.")] input: SessionDeleteAllInput,
    ) -> Option<Result<SessionDeleteAllPayload>> {
        Some(delete_all(ctx.request(), input).await)
    }
}

async fn create(request: &RequestContext, input: SessionCreateInput) -> Result<SessionCreatePayload> {
    let refused = |refusals| SessionCreatePayload { user_errors: user_errors(refusals), ..Default::default() };
    let Some(proof) = proof::of_email(request, &input.email, &input.password).await? else {
        return Ok(refused(vec![write::no_login()]));
    };
    let begun = match request.write(|| write::begin_session(&request.routing, &request.shared.sessions, &proof)).await?
    {
        Ok(begun) => begun,
        Err(refusals) => return Ok(refused(refusals)),
    };
    let session = Session {
        id: request.shared.ids.owned(Kind::Session, Owned { user: begun.user, id: begun.id }),
        created_at: DateTime(begun.created_at),
        expires_at: DateTime(begun.expires_at),
    };
    let token = match input.transport {
        SessionTransport::Bearer => Some(begun.token),
        SessionTransport::Cookie => {
            request.visit.keep(&begun.token);
            None
        }
    };
    Ok(SessionCreatePayload { session: Some(session), token, ..Default::default() })
}

async fn delete(request: &RequestContext, input: SessionDeleteInput) -> Result<SessionDeletePayload> {
    let own = request.viewer.user().zip(request.viewer.session()).map(|(user, id)| Owned { user, id });
    if request.viewer.is_nobody() {
        return Err(Error::SessionOnly);
    }
    let key = match &input.id {
        Some(id) => request.shared.ids.expect_owned(Kind::Session, id)?,
        None => own.ok_or(Error::SessionOnly)?,
    };
    let outcome = if request.may_change(Guarded::Session { user: key.user }) {
        request.write(|| write::end_session(&request.routing, key.user, key.id)).await?
    } else {
        Err(vec![Refusal::not_found("id", "session")])
    };
    Ok(match outcome {
        Ok(ended) => {
            request.shared.sessions.forget(ended).await;
            if Some(key) == own {
                request.visit.forget();
            }
            let id = request.shared.ids.owned(Kind::Session, key);
            SessionDeletePayload { deleted_session_id: Some(id), ..Default::default() }
        }
        Err(refusals) => SessionDeletePayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}

async fn delete_all(request: &RequestContext, input: SessionDeleteAllInput) -> Result<SessionDeleteAllPayload> {
    let (Some(user), Some(own)) = (request.viewer.user(), request.viewer.session()) else {
        return Err(Error::SessionOnly);
    };
    let kept = input.keeps_this.then_some(own);
    let outcome = request.write(|| write::end_sessions(&request.routing, user, kept)).await?;
    Ok(match outcome {
        Ok(ended) => {
            let count = i32::try_from(ended.len()).unwrap_or(i32::MAX);
            request.shared.sessions.forget(ended).await;
            if kept.is_none() {
                request.visit.forget();
            }
            SessionDeleteAllPayload { ended_session_count: count, ..Default::default() }
        }
        Err(refusals) => SessionDeleteAllPayload { user_errors: user_errors(refusals), ..Default::default() },
    })
}
