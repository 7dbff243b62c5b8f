//! Arguments and input fields whose variable has no value vanish ("Coercing Field Arguments", "Input Objects"): async-graphql would
//! make them null, which an update takes for "clear this field". Inside a list such a variable is null.

use async_graphql::{Name, Positioned, Variables};
use async_graphql_parser::types::{Directive, DocumentOperations, ExecutableDocument, Selection, SelectionSet};
use async_graphql_value::Value;

/// Removes them from a document that is about to execute. Every variable that has a default is among `values`.
pub(crate) fn remove(document: &mut ExecutableDocument, values: &Variables) {
    match &mut document.operations {
        DocumentOperations::Single(operation) => {
            selections(&mut operation.node.selection_set.node, values);
        }
        DocumentOperations::Multiple(operations) => {
            for operation in operations.values_mut() {
                selections(&mut operation.node.selection_set.node, values);
            }
        }
    }
    for fragment in document.fragments.values_mut() {
        selections(&mut fragment.node.selection_set.node, values);
    }
}

fn selections(set: &mut SelectionSet, values: &Variables) {
    for item in &mut set.items {
        directives(item.node.directives_mut(), values);
        match &mut item.node {
            Selection::Field(field) => {
                arguments(&mut field.node.arguments, values);
                selections(&mut field.node.selection_set.node, values);
            }
            Selection::InlineFragment(inline) => {
                selections(&mut inline.node.selection_set.node, values);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn directives(directives: &mut [Positioned<Directive>], values: &Variables) {
    for directive in directives {
        arguments(&mut directive.node.arguments, values);
    }
}

fn arguments(arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>, values: &Variables) {
    arguments.retain_mut(|(_, value)| stays(&mut value.node, values));
}

/// Whether an argument or input field keeps its place; its value loses what does not.
fn stays(value: &mut Value, values: &Variables) -> bool {
    match value {
        Value::Variable(name) => return values.contains_key(name),
        Value::List(items) => {
            for item in items {
                if !matches!(item, Value::Variable(_)) {
                    stays(item, values);
                }
            }
        }
        Value::Object(fields) => fields.retain(|_, value| stays(value, values)),
        _ => {}
    }
    true
}
