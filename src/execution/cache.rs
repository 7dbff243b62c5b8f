//! The plans of documents seen before, bounded in bytes. A plan depends on the text, the operation's name and the schema's variant only.

use std::sync::Arc;

use async_graphql::{Name, Positioned};
use async_graphql_parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};
use async_graphql_value::Value;
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use super::plan::Plan;
use super::prepass::visit;

/// Longer documents are executed, but not kept.
const MAX_KEPT_TEXT_BYTES: usize = 16 * 1024;
/// A plan without a single field: the structs around it and the cache's own book-keeping.
const FIXED_BYTES: usize = 1_024;

pub(crate) type Key = [u8; 32];

/// Plans by [`key`].
pub(crate) struct PlanCache {
    plans: Cache<Key, Arc<Plan>>,
}

impl PlanCache {
    pub(crate) fn new(max_bytes: u64) -> Self {
        let weigh = |_: &Key, plan: &Arc<Plan>| u32::try_from(plan.bytes()).unwrap_or(u32::MAX);
        Self { plans: Cache::builder().max_capacity(max_bytes).weigher(weigh).build() }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Plan>> {
        self.plans.get(key)
    }

    pub(crate) fn keep(&self, key: Key, text: &str, plan: &Arc<Plan>) {
        if text.len() <= MAX_KEPT_TEXT_BYTES {
            self.plans.insert(key, plan.clone());
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.plans.run_pending_tasks();
        self.plans.entry_count()
    }
}

/// SHA-256 over the parts, each with its length, so that no two requests share a key.
pub(crate) fn key(variant: &str, text: &str, operation_name: Option<&str>) -> Key {
    let mut hash = Sha256::new();
    hash.update((variant.len() as u64).to_le_bytes());
    hash.update(variant);
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
    if let Some(name) = operation_name {
        hash.update([1]);
        hash.update(name);
    }
    hash.finalize().into()
}

/// The memory a document holds, by the sizes of its nodes.
pub(crate) fn document_bytes(document: &ExecutableDocument) -> usize {
    let operations = document.operations.iter().map(|(_, operation)| {
        let variables = operation.node.variable_definitions.len() * 512;
        variables + directive_bytes(&operation.node.directives) + selection_bytes(&operation.node.selection_set.node)
    });
    let fragments = document.fragments.values().map(|fragment| {
        512 + directive_bytes(&fragment.node.directives) + selection_bytes(&fragment.node.selection_set.node)
    });
    FIXED_BYTES + operations.sum::<usize>() + fragments.sum::<usize>()
}

fn selection_bytes(set: &SelectionSet) -> usize {
    let mut bytes = set.items.capacity() * size_of::<Positioned<Selection>>();
    visit(set, |selection| {
        bytes += directive_bytes(selection.directives());
        bytes += match selection {
            Selection::Field(field) => {
                let alias = field.node.alias.as_ref().map_or(0, |a| name_bytes(&a.node));
                let inner = field.node.selection_set.node.items.capacity();
                name_bytes(&field.node.name.node)
                    + alias
                    + argument_bytes(&field.node.arguments)
                    + inner * size_of::<Positioned<Selection>>()
            }
            Selection::FragmentSpread(spread) => name_bytes(&spread.node.fragment_name.node),
            Selection::InlineFragment(inline) => {
                let inner = inline.node.selection_set.node.items.capacity();
                64 + inner * size_of::<Positioned<Selection>>()
            }
        };
    });
    bytes
}

fn directive_bytes(directives: &Vec<Positioned<Directive>>) -> usize {
    let inner = directives
        .iter()
        .map(|directive| name_bytes(&directive.node.name.node) + argument_bytes(&directive.node.arguments));
    directives.capacity() * size_of::<Positioned<Directive>>() + inner.sum::<usize>()
}

fn argument_bytes(arguments: &Vec<(Positioned<Name>, Positioned<Value>)>) -> usize {
    let inner = arguments.iter().map(|(name, value)| name_bytes(&name.node) + value_bytes(&value.node));
    arguments.capacity() * size_of::<(Positioned<Name>, Positioned<Value>)>() + inner.sum::<usize>()
}

pub(super) fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Variable(name) | Value::Enum(name) => name_bytes(name),
        Value::String(text) => text.capacity(),
        Value::List(items) => items.capacity() * size_of::<Value>() + items.iter().map(value_bytes).sum::<usize>(),
        Value::Object(fields) => {
            let entries = fields.capacity() * (size_of::<(Name, Value)>() + 16);
            let inner = fields.iter().map(|(name, value)| name_bytes(name) + value_bytes(value));
            entries + inner.sum::<usize>()
        }
        _ => 0,
    }
}

/// A shared string: two counters, the text, and the allocator's rounding.
fn name_bytes(name: &Name) -> usize {
    24 + name.len()
}
