//! What the schema's SDL says by `@cost`, `@listSize` and `@cacheControl`.

use async_graphql::{Positioned, Value as ConstValue};
use async_graphql_parser::types::{ConstDirective, FieldDefinition};

use super::types::{ListSize, SchemaError, SizedBy};

type Directives = [Positioned<ConstDirective>];

/// The points of `@cost`.
pub(crate) fn weight(directives: &Directives) -> Result<Option<u64>, SchemaError> {
    let Some(cost) = find(directives, "cost") else { return Ok(None) };
    match argument(cost, "weight") {
        Some(ConstValue::String(weight)) => weight
            .parse()
            .map(Some)
            .map_err(|_| SchemaError(format!("the weight {weight:?} of @cost is not a whole number of points"))),
        _ => Err(SchemaError("@cost has no weight".to_owned())),
    }
}

/// The seconds of `@cacheControl`; 0 without one.
pub(crate) fn max_age(directives: &Directives) -> u32 {
    let seconds = find(directives, "cacheControl").and_then(|hint| number(hint, "maxAge"));
    seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(0)
}

/// What `@listSize` says of a field.
pub(crate) fn list_size(field: &FieldDefinition) -> Result<Option<ListSize>, SchemaError> {
    let Some(directive) = find(&field.directives, "listSize") else { return Ok(None) };
    let slicing = texts(directive, "slicingArguments");
    let by = match slicing.iter().map(AsRef::as_ref).collect::<Vec<&str>>().as_slice() {
        [] => number(directive, "assumedSize").map(SizedBy::Assumption),
        ["first", "last"] => Some(SizedBy::Page),
        [argument] => Some(SizedBy::Argument((*argument).into())),
        _ => None,
    };
    let name = &field.name.node;
    let by = by.ok_or_else(|| {
        SchemaError(format!("@listSize of {name} names neither an assumed size, nor first and last, nor one list"))
    })?;
    Ok(Some(ListSize { by, fields: texts(directive, "sizedFields") }))
}

fn find<'a>(directives: &'a Directives, name: &str) -> Option<&'a ConstDirective> {
    directives.iter().map(|directive| &directive.node).find(|directive| directive.name.node == name)
}

fn argument<'a>(directive: &'a ConstDirective, name: &str) -> Option<&'a ConstValue> {
    directive.get_argument(name).map(|value| &value.node)
}

fn number(directive: &ConstDirective, name: &str) -> Option<u64> {
    match argument(directive, name) {
        Some(ConstValue::Number(number)) => number.as_u64(),
        _ => None,
    }
}

fn texts(directive: &ConstDirective, name: &str) -> Vec<Box<str>> {
    let Some(ConstValue::List(items)) = argument(directive, name) else { return Vec::new() };
    items
        .iter()
        .filter_map(|item| match item {
            ConstValue::String(text) => Some(text.as_str().into()),
            _ => None,
        })
        .collect()
}
