//! Filters written as the argument `where` that gives them.

use async_graphql::ScalarType;
use serde_json::map::Entry;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::graphql::{DateTime, Kind, amount, currency, plain_id};
use crate::product::filter::{Comparison, PriceBounds, ProductFilter};

/// The `where` for products that meet all of these.
pub fn written<'a>(filters: impl IntoIterator<Item = &'a ProductFilter>) -> Value {
    let (mut object, mut further) = (Map::new(), Vec::new());
    for condition in filters.into_iter().flat_map(ProductFilter::conjuncts) {
        let (key, value) = condition_of(condition);
        match object.entry(key) {
            Entry::Vacant(place) => drop(place.insert(value)),
            Entry::Occupied(mut there) => match (there.get_mut(), value) {
                (Value::Array(options), Value::Array(more)) if key == "options" => options.extend(more),
                // An object has one condition of a kind.
                (_, value) => further.push(json!({ key: value })),
            },
        }
    }
    if !further.is_empty() {
        object.insert("AND".to_owned(), Value::Array(further));
    }
    Value::Object(object)
}

/// A condition as a field of `where`.
fn condition_of(filter: &ProductFilter) -> (&'static str, Value) {
    match filter {
        ProductFilter::All(all) => ("AND", all.iter().map(|part| written([part])).collect()),
        ProductFilter::Any(any) => ("OR", any.iter().map(|part| written([part])).collect()),
        ProductFilter::Store(stores) => ("store", json!({ "in": ids(Kind::Store, stores) })),
        ProductFilter::Category { ids: categories, with_descendants } => {
            ("category", json!({ "in": ids(Kind::Category, categories), "includeDescendants": with_descendants }))
        }
        ProductFilter::Status(statuses) => ("status", json!({ "in": statuses })),
        ProductFilter::Price(bounds) => ("price", price(bounds)),
        ProductFilter::InStock(in_stock) => ("inStock", json!({ "eq": in_stock })),
        ProductFilter::Created(comparison, time) => {
            let bound = match comparison {
                Comparison::Less => "lt",
                Comparison::AtMost => "lte",
                Comparison::AtLeast => "gte",
                Comparison::Greater => "gt",
            };
            ("createdAt", json!({ bound: DateTime(*time).to_value() }))
        }
        ProductFilter::Tag(tags) => ("tags", json!({ "in": tags })),
        ProductFilter::Option { name, values } => ("options", json!([{ "name": name, "in": values }])),
    }
}

fn ids(kind: Kind, ids: &[Uuid]) -> Vec<String> {
    ids.iter().map(|id| plain_id(kind, *id).0).collect()
}

fn price(bounds: &PriceBounds) -> Value {
    let mut condition = Map::from_iter([("currencyCode".to_owned(), json!(bounds.currency))]);
    for (name, bound) in [("gte", bounds.from), ("lte", bounds.to)] {
        if let (Some(bound), Ok(currency)) = (bound, currency(&bounds.currency)) {
            condition.insert(name.to_owned(), json!(amount(bound, currency).to_string()));
        }
    }
    Value::Object(condition)
}
