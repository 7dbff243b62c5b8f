//! Filters written as the argument `where` that gives them, and whether the limits on an operation take it.

use async_graphql::ScalarType;
use serde_json::map::Entry;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::graphql::{ConditionLimits, DateTime, Kind, amount, currency, plain_id};
use crate::product::condition::{MOST_OF_ALL, MOST_VALUES};
use crate::product::filter::{Comparison, PriceBounds, ProductFilter};

/// The `where` for products that meet all of these.
pub fn written<'a>(filters: impl IntoIterator<Item = &'a ProductFilter>) -> Value {
    let (mut object, mut further) = (Map::new(), Vec::new());
    let filters: Vec<&ProductFilter> = filters.into_iter().flat_map(ProductFilter::conjuncts).collect();
    let mut singles = Vec::new();
    for filter in &filters {
        if let ProductFilter::Tag(tags) = filter
            && let [tag] = tags.as_slice()
            && !singles.contains(tag)
        {
            singles.push(tag.clone());
        }
    }
    // Tags that a product must all have are one list.
    let is_list = (2..=MOST_OF_ALL).contains(&singles.len());
    let is_listed = |filter: &&ProductFilter| is_list && matches!(filter, ProductFilter::Tag(tags) if tags.len() == 1);
    if is_list {
        object.insert("tags".to_owned(), json!({ "all": singles }));
    }
    for condition in filters.into_iter().filter(|filter| !is_listed(filter)) {
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

/// Whether a `where` that was [`written`] is within the limits.
pub fn is_accepted(condition: &Value, limits: ConditionLimits) -> bool {
    conditions(condition, limits.values as usize).is_some_and(|count| count <= limits.conditions as usize)
}

/// How many conditions an object has, as the price of an operation counts them; `None` when a list in it is too long.
fn conditions(object: &Value, most_values: usize) -> Option<usize> {
    let fields = object.as_object().into_iter().flatten().filter(|(name, _)| *name != "includeDescendants");
    let mut count = 0;
    for (name, value) in fields {
        count += match value {
            Value::Array(parts) if name == "AND" || name == "OR" => {
                parts.iter().map(|part| Some(1 + conditions(part, most_values)?)).sum::<Option<usize>>()?
            }
            Value::Array(options) if name == "options" => {
                let is_short =
                    |option: &Value| option["in"].as_array().is_none_or(|values| values.len() <= MOST_VALUES);
                let count = |option| conditions(option, most_values).filter(|_| is_short(option));
                options.iter().map(count).sum::<Option<usize>>()?
            }
            Value::Array(values) if values.len() > most_values => return None,
            Value::Object(_) => conditions(value, most_values)?,
            _ => 1,
        };
    }
    Some(count)
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
