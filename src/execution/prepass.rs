//! The size of a document, before validation: how many fields it has once every fragment is spread, how deep they are, and so on.
//!
//! async-graphql's own walks follow every spread each time, so that a few hundred bytes of doubling fragments keep them busy for a
//! second. Here each definition is visited once, fragments before those that spread them, with a stack of our own and saturating
//! sums. Unknown fragments count as nothing and are left to validation.

use std::collections::HashMap;

use async_graphql::{Name, Pos, Positioned};
use async_graphql_parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};

use super::error::{RequestError, RequestErrorKind};
use super::limits::{Limits, MAX_NESTING};

/// What an operation amounts to after spreading its fragments, whatever its variables are. Sums saturate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Fields at all levels, but those below `__schema` and `__type`.
    pub expanded_fields: u32,
    /// Fields inside fields, at the deepest place.
    pub depth: u32,
    pub aliases: u32,
    pub directives: u32,
    /// Fields of the outermost level.
    pub root_fields: u32,
    /// The same but for `__typename`: what a mutation changes.
    pub changing_fields: u32,
    /// Fields, spreads and inline fragments at all levels.
    pub selections: u32,
    /// Selection sets inside selection sets, those of fragments included.
    pub nesting: u32,
    pub introspection_fields: u32,
    pub introspection_depth: u32,
    /// Lists inside lists below `__schema` and `__type`.
    pub introspection_lists: u32,
    /// The same lists anywhere; what `introspection_lists` is made from.
    lists: u32,
    /// Comparisons to find conflicts between the fields of the outermost level.
    comparisons: u32,
}

impl Facts {
    /// Beside each other in one selection set.
    fn add(&mut self, other: Facts) {
        for (sum, more) in [
            (&mut self.expanded_fields, other.expanded_fields),
            (&mut self.aliases, other.aliases),
            (&mut self.directives, other.directives),
            (&mut self.root_fields, other.root_fields),
            (&mut self.changing_fields, other.changing_fields),
            (&mut self.selections, other.selections),
            (&mut self.introspection_fields, other.introspection_fields),
            (&mut self.comparisons, other.comparisons),
        ] {
            *sum = sum.saturating_add(more);
        }
        self.depth = self.depth.max(other.depth);
        self.nesting = self.nesting.max(other.nesting);
        self.introspection_depth = self.introspection_depth.max(other.introspection_depth);
        self.introspection_lists = self.introspection_lists.max(other.introspection_lists);
        self.lists = self.lists.max(other.lists);
    }

    /// A selection set becomes one fragment or spread in another.
    fn fragment(mut self, directives: usize) -> Facts {
        self.directives = self.directives.saturating_add(count(directives));
        self.selections = self.selections.saturating_add(1);
        self.nesting = self.nesting.saturating_add(1);
        self
    }

    /// A selection set becomes the contents of a field.
    fn field(mut self, field: &Field) -> Facts {
        let name = field.name.node.as_str();
        let arguments = count(field.arguments.len());
        self.expanded_fields = self.expanded_fields.saturating_add(1);
        self.depth = self.depth.saturating_add(1);
        self.aliases = self.aliases.saturating_add(u32::from(field.alias.is_some()));
        self.directives = self.directives.saturating_add(count(field.directives.len()));
        self.root_fields = 1;
        // Front-end tools put it everywhere, and it changes nothing.
        self.changing_fields = u32::from(name != "__typename");
        self.selections = self.selections.saturating_add(1);
        self.nesting = self.nesting.saturating_add(1);
        self.comparisons = arguments.saturating_mul(arguments).saturating_add(1);
        if matches!(name, "fields" | "interfaces" | "possibleTypes" | "inputFields") {
            self.lists = self.lists.saturating_add(1);
        }
        if matches!(name, "__schema" | "__type") {
            self.introspection_fields = self.introspection_fields.saturating_add(self.expanded_fields);
            self.introspection_depth = self.introspection_depth.max(self.depth);
            self.introspection_lists = self.introspection_lists.max(self.lists);
            self.expanded_fields = 1;
            self.depth = 1;
        }
        self
    }
}

/// Measures every operation and fragment of a document and checks the limits for each operation.
///
/// # Errors
/// The limit that is exceeded, or the fragments that spread each other in a circle.
pub(crate) fn check(
    document: &ExecutableDocument,
    limits: &Limits,
) -> Result<HashMap<Option<Name>, Facts>, RequestError> {
    let mut known: HashMap<&str, Facts> = HashMap::with_capacity(document.fragments.len());
    let mut comparisons = 0;
    for (name, fragment) in fragments_inside_out(document)? {
        let facts = measure(&fragment.node.selection_set.node, &known, &mut comparisons);
        if facts.nesting > MAX_NESTING {
            return Err(RequestError::limit("selection nesting", facts.nesting, MAX_NESTING, fragment.pos));
        }
        known.insert(name, facts);
    }
    let mut operations = operations_in_order(document);
    let mut expanded_fields: u32 = 0;
    let mut measured = HashMap::with_capacity(operations.len());
    let last = operations.last().map_or(Pos::default(), |(_, op)| op.pos);
    for (name, operation) in operations.drain(..) {
        let mut facts = measure(&operation.node.selection_set.node, &known, &mut comparisons);
        let variables = &operation.node.variable_definitions;
        let directives = variables.iter().map(|v| v.node.directives.len()).sum();
        facts.directives =
            facts.directives.saturating_add(count(operation.node.directives.len())).saturating_add(count(directives));
        limits.check_operation(&facts, operation.node.ty, operation.pos)?;
        expanded_fields =
            expanded_fields.saturating_add(facts.expanded_fields).saturating_add(facts.introspection_fields);
        measured.insert(name.cloned(), facts);
    }
    limits.check_document(expanded_fields, comparisons, last)?;
    Ok(measured)
}

/// The operations by their place in the text.
pub(crate) fn operations_in_order(
    document: &ExecutableDocument,
) -> Vec<(Option<&Name>, &Positioned<OperationDefinition>)> {
    let mut operations: Vec<_> = document.operations.iter().collect();
    operations.sort_by_key(|(_, operation)| operation.pos);
    operations
}

/// Every fragment after those it spreads.
fn fragments_inside_out(
    document: &ExecutableDocument,
) -> Result<Vec<(&str, &Positioned<FragmentDefinition>)>, RequestError> {
    let mut by_place: Vec<_> = document.fragments.iter().collect();
    by_place.sort_by_key(|(_, fragment)| fragment.pos);
    let mut finished: HashMap<&str, bool> = HashMap::with_capacity(by_place.len());
    let mut ordered = Vec::with_capacity(by_place.len());
    for (name, fragment) in by_place {
        if finished.contains_key(name.as_str()) {
            continue;
        }
        finished.insert(name, false);
        let mut path = vec![(name.as_str(), fragment, spreads(fragment).into_iter())];
        while let Some((name, fragment, rest)) = path.last_mut() {
            let Some((next, pos)) = rest.next() else {
                finished.insert(name, true);
                ordered.push((*name, *fragment));
                path.pop();
                continue;
            };
            match (finished.get(next), document.fragments.get(next)) {
                (Some(false), _) => {
                    return Err(RequestError::new(
                        RequestErrorKind::Validation,
                        format!("fragment {next} spreads itself"),
                        vec![pos],
                    ));
                }
                (None, Some(fragment)) => {
                    finished.insert(next, false);
                    path.push((next, fragment, spreads(fragment).into_iter()));
                }
                (Some(true), _) | (None, None) => {}
            }
        }
    }
    Ok(ordered)
}

/// The fragments a definition spreads directly, each once, with the place of the first spread.
fn spreads(fragment: &Positioned<FragmentDefinition>) -> Vec<(&str, Pos)> {
    let mut found: Vec<(&str, Pos)> = Vec::new();
    visit(&fragment.node.selection_set.node, |selection| {
        if let Selection::FragmentSpread(spread) = selection {
            found.push((spread.node.fragment_name.node.as_str(), spread.pos));
        }
    });
    found.sort_by_key(|(_, pos)| *pos);
    let mut seen = std::collections::HashSet::new();
    found.retain(|(name, _)| seen.insert(*name));
    found
}

/// Calls `on` for each selection written in a set, at all levels, without following spreads.
pub(crate) fn visit<'a>(set: &'a SelectionSet, mut on: impl FnMut(&'a Selection)) {
    let mut sets = vec![set];
    while let Some(set) = sets.pop() {
        for item in &set.items {
            on(&item.node);
            match &item.node {
                Selection::Field(field) => sets.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => sets.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(_) => {}
            }
        }
    }
}

/// Measures one selection set, taking those of fragments from `known`.
fn measure(set: &SelectionSet, known: &HashMap<&str, Facts>, comparisons: &mut u32) -> Facts {
    let mut stack = vec![(set.items.iter(), Facts::default(), None::<&Selection>)];
    loop {
        let Some((items, sum, owner)) = stack.last_mut() else {
            return Facts::default();
        };
        match items.next().map(|item| &item.node) {
            Some(selection @ Selection::Field(field)) => {
                let inner = field.node.selection_set.node.items.iter();
                stack.push((inner, Facts::default(), Some(selection)));
            }
            Some(selection @ Selection::InlineFragment(inline)) => {
                let inner = inline.node.selection_set.node.items.iter();
                stack.push((inner, Facts::default(), Some(selection)));
            }
            Some(Selection::FragmentSpread(spread)) => {
                let name = spread.node.fragment_name.node.as_str();
                let facts = known.get(name).copied().unwrap_or_default();
                sum.add(facts.fragment(spread.node.directives.len()));
            }
            None => {
                *comparisons = comparisons.saturating_add(sum.comparisons);
                let (sum, owner) = (*sum, *owner);
                stack.pop();
                let facts = match owner {
                    Some(Selection::Field(field)) => sum.field(&field.node),
                    Some(Selection::InlineFragment(inline)) => sum.fragment(inline.node.directives.len()),
                    Some(Selection::FragmentSpread(_)) | None => return sum,
                };
                if let Some((_, outer, _)) = stack.last_mut() {
                    outer.add(facts);
                }
            }
        }
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
