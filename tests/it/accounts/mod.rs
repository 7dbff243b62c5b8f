//! Accounts: registering, logging in and out, and what whoever is logged in may see and change.

mod cookies;
mod owners;
mod passwords;
mod secrets;
mod sessions;
mod storms;

use serde_json::{Value, json};

use crate::support::{Answer, Shop};

pub const PASSWORD: &str = "correct horse battery";

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
