//! Single questions to a subject, in the form in which it is asked: for a card, for a page.

use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::shop::Product;
use super::subject::{Form, Subject};

pub const OPERATIONS: &str = "operations";
pub const PAGE: u64 = 50;

pub struct Answer {
    pub body: Value,
    /// As it was sent.
    pub text: axum::body::Bytes,
}

/// Asks the subject at this address for the card of a product.
pub async fn card(client: &reqwest::Client, subject: Subject, url: &str, product: &Product) -> anyhow::Result<Answer> {
    let request = match subject.form() {
        Form::GraphQl => graphql(client, url, operation("product-card")?, json!({ "id": product.id })),
        Form::Postgraphile => graphql(client, url, operation_of_postgraphile("card")?, json!({ "id": product.uuid })),
        Form::Rest => client.get(format!("{url}/products/{}", product.uuid)),
    };
    let answer = send(request).await?;
    ensure!(!named(&answer.body).is_null(), "{} has no {}: {}", subject.name(), product.uuid, answer.body);
    Ok(answer)
}

/// What a card says as the product's name, wherever it says it.
pub fn named(card: &Value) -> &Value {
    match &card["data"] {
        Value::Null => &card["name"],
        data => data.as_object().and_then(|data| data.values().next()).map_or(&Value::Null, |product| &product["name"]),
    }
}

/// Asks for a page of cards.
pub async fn page(
    client: &reqwest::Client,
    subject: Subject,
    url: &str,
    first: u64,
    after: &Value,
) -> anyhow::Result<Answer> {
    let request = match subject.form() {
        Form::GraphQl => graphql(client, url, operation("product-cards")?, json!({ "first": first, "after": after })),
        Form::Postgraphile => {
            let page = operation_of_postgraphile("cards")?;
            graphql(client, url, page, json!({ "first": first, "after": after }))
        }
        Form::Rest => {
            // Cursors are URL-safe base64.
            let after = after.as_str().map(|after| format!("&after={after}")).unwrap_or_default();
            client.get(format!("{url}/products?first={first}{after}"))
        }
    };
    send(request).await
}

/// Where a page ends that is followed by another.
pub fn end(page: &Value) -> Option<&Value> {
    let page = match &page["data"] {
        Value::Null => page,
        data => data.as_object()?.values().next()?,
    };
    let info = page.get("pageInfo").unwrap_or(page);
    (info["hasNextPage"] == true).then_some(&info["endCursor"])
}

pub fn graphql(
    client: &reqwest::Client,
    url: &str,
    query: impl AsRef<str>,
    variables: Value,
) -> reqwest::RequestBuilder {
    client.post(format!("{url}/graphql")).json(&json!({ "query": query.as_ref(), "variables": variables }))
}

fn operation(name: &str) -> anyhow::Result<String> {
    read(OPERATIONS, name)
}

fn operation_of_postgraphile(name: &str) -> anyhow::Result<String> {
    read("bench/peers/postgraphile/operations", name)
}

fn read(folder: &str, name: &str) -> anyhow::Result<String> {
    let path = Path::new(folder).join(format!("{name}.graphql"));
    std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
}

async fn send(request: reqwest::RequestBuilder) -> anyhow::Result<Answer> {
    let answer = request.send().await?;
    let url = answer.url().clone();
    let (status, bytes) = (answer.status(), answer.bytes().await?);
    ensure!(status.is_success(), "{url}: {status} {}", String::from_utf8_lossy(&bytes));
    let body: Value = serde_json::from_slice(&bytes)?;
    ensure!(body.get("errors").is_none(), "{body}");
    Ok(Answer { body, text: bytes })
}
