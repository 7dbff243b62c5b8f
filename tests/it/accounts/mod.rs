//! Accounts: registering, logging in and out, and what whoever is logged in may see and change.

mod addresses;
mod cookies;
mod mail_settings;
mod mistyped;
mod outbox;
mod owners;
mod passwords;
mod resets;
mod secrets;
mod sessions;
mod stale;
mod storms;
mod user_command;
mod verification;

use serde_json::{Value, json};

use crate::support::{Answer, Kind, Shop, SmtpServer};

pub const PASSWORD: &str = "correct horse battery";

/// Makes two tests of each claim, a function over a [`Shop`] and the server that takes its mail.
macro_rules! mailed_on_both {
    ($($claim:ident),+ $(,)?) => {
        mod mailed_sqlite {
            $(#[tokio::test]
            async fn $claim() {
                let (shop, smtp) = $crate::accounts::mailed($crate::support::Kind::Sqlite).await;
                super::$claim(&shop, smtp).await;
                shop.stop().await;
            })+
        }

        mod mailed_postgres {
            $(#[tokio::test]
            async fn $claim() {
                let (shop, smtp) = $crate::accounts::mailed($crate::support::Kind::Postgres).await;
                super::$claim(&shop, smtp).await;
                shop.stop().await;
            })+
        }
    };
}

use mailed_on_both;

/// The sender of all mail.
const FROM: &str = "The Shop <shop@example.com>";

/// A shop that sends its messages, and the server that takes them.
async fn mailed(kind: Kind) -> (Shop, SmtpServer) {
    let smtp = SmtpServer::start().await;
    let flags = ["--smtp-url", &smtp.url(), "--mail-from", FROM, "--shop-url", "https://shop.example/"];
    (Shop::start_with(kind, &flags).await, smtp)
}

/// Registers a user who verifies the address, and gives the id.
async fn verified(shop: &Shop, smtp: &SmtpServer, email: &str) -> String {
    let id = register(shop, email).await;
    let token = smtp.mail(email, 1).await.token();
    assert_eq!(verify(shop, &token).await.string("/emailVerify/email"), email);
    id
}

async fn verify(shop: &Shop, token: &str) -> Answer {
    call(shop, "emailVerify", json!({ "token": token }), "email", &[]).await
}

async fn request_reset(shop: &Shop, email: &str) -> Answer {
    call(shop, "passwordResetRequest", json!({ "email": email }), "email", &[]).await
}

async fn reset(shop: &Shop, token: &str, password: &str) -> Answer {
    let input = json!({ "token": token, "password": password });
    call(shop, "passwordReset", input, "endedSessionCount", &[]).await
}

/// How many messages wait.
async fn waiting(shop: &Shop) -> i64 {
    shop.count("messages WHERE created_at <= $1", chrono::Utc::now()).await
}

/// How many tokens are in force.
async fn in_force(shop: &Shop) -> i64 {
    shop.count("user_tokens WHERE expires_at > $1", chrono::Utc::now()).await
}

/// Registers a user and gives the id.
pub async fn register(shop: &Shop, email: &str) -> String {
    let input = json!({ "email": email, "name": email, "password": PASSWORD });
    let payload = call(shop, "userRegister", input, "email", &[]).await;
    assert_eq!(payload.string("/userRegister/email"), email.to_lowercase());
    let found = shop.ask_as_staff("query ($email: String!) { user(email: $email) { id } }", json!({ "email": email }));
    found.await.string("/user/id")
}

/// One mutation with an input, by whoever these headers say.
pub async fn call(shop: &Shop, field: &str, input: Value, selection: &str, headers: &[(&str, &str)]) -> Answer {
    let ty = format!("{}{}Input", field[..1].to_uppercase(), &field[1..]);
    let mutation = format!(
        "mutation ($input: {ty}!) {{ {field}(input: $input) {{ {selection} userErrors {{ field code message }} }} }}"
    );
    shop.send(&mutation, json!({ "input": input }), headers).await
}

pub async fn try_log_in(shop: &Shop, email: &str, password: &str) -> Answer {
    let input = json!({ "email": email, "password": password });
    call(shop, "sessionCreate", input, "session { id expiresAt } token", &[]).await
}

/// Logs in and gives the value of `Authorization`.
pub async fn log_in(shop: &Shop, email: &str) -> String {
    format!("Bearer {}", try_log_in(shop, email, PASSWORD).await.string("/sessionCreate/token"))
}

/// Asks in a session.
pub async fn ask(shop: &Shop, session: &str, query: &str, variables: Value) -> Answer {
    shop.send(query, variables, &[("authorization", session)]).await
}

/// Writes in a session.
pub async fn write(shop: &Shop, session: &str, field: &str, input: Value, selection: &str) -> Answer {
    call(shop, field, input, selection, &[("authorization", session)]).await
}

/// Whose session it is; `None` when it is refused.
pub async fn email_of(shop: &Shop, session: &str) -> Option<String> {
    let answer = ask(shop, session, "{ viewer { user { email } } }", json!({})).await;
    if answer.status == 401 {
        assert_eq!(answer.error().0, "UNAUTHENTICATED");
        return None;
    }
    Some(answer.string("/viewer/user/email"))
}
