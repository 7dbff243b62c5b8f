//! An engine on the toy schema, and ways to ask it.

use async_graphql::{EmptySubscription, Schema, Variables};

use super::schema::{Commits, Even, Mutation, Query, check_decimal};
use crate::execution::{Engine, ScalarChecks, Settings, parses_as};

pub(super) type Shop = Engine<Query, Mutation, EmptySubscription>;

pub(super) fn shop_with(settings: Settings) -> Shop {
    let checks = ScalarChecks::from([("Decimal", check_decimal as _), ("Even", parses_as::<Even> as _)]);
    let settings = Settings { scalar_checks: checks, ..settings };
    Engine::new(Query, |root| Schema::build(root, Mutation, EmptySubscription), settings).unwrap()
}

pub(super) fn shop() -> Shop {
    shop_with(Settings::default())
}

/// The answer to one request as JSON text.
pub(super) fn send(
    shop: &Shop,
    commits: &Commits,
    text: &str,
    operation_name: Option<&str>,
    variables: serde_json::Value,
) -> String {
    let variables = Variables::from_json(variables);
    let response = match shop.prepare(text, operation_name, variables) {
        Err(errors) => async_graphql::Response::from_errors(errors.into()),
        Ok(prepared) => {
            let executed = shop.execute(prepared, |request| request.data(commits.clone()));
            tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(executed)
        }
    };
    serde_json::to_string(&response).unwrap()
}

/// The answer to a request sent to a new shop twice; both must be the same.
pub(super) fn ask_as(text: &str, operation_name: Option<&str>, variables: serde_json::Value) -> String {
    let shop = shop();
    let commits = Commits::default();
    let cold = send(&shop, &commits, text, operation_name, variables.clone());
    let warm = send(&shop, &commits, text, operation_name, variables.clone());
    assert_eq!(cold, warm, "{text} with {variables}");
    cold
}

pub(super) fn ask(text: &str, variables: serde_json::Value) -> String {
    ask_as(text, None, variables)
}

/// The messages of the errors of a request, one per line; fails if it was executed.
pub(super) fn refusal(text: &str, variables: serde_json::Value) -> String {
    let answer: serde_json::Value = serde_json::from_str(&ask(text, variables)).unwrap();
    assert_eq!(answer["data"], serde_json::Value::Null, "{answer}");
    let errors = answer["errors"].as_array().unwrap();
    let messages = errors.iter().map(|e| e["message"].as_str().unwrap());
    messages.collect::<Vec<_>>().join("\n")
}

/// The data of a request that has no errors.
pub(super) fn data(text: &str, variables: serde_json::Value) -> serde_json::Value {
    let answer: serde_json::Value = serde_json::from_str(&ask(text, variables)).unwrap();
    assert_eq!(answer.get("errors"), None, "{text}: {answer}");
    answer["data"].clone()
}
