//! The pre-pass against following every spread.

use async_graphql_parser::parse_query;
use async_graphql_parser::types::{ExecutableDocument, Selection, SelectionSet};
use proptest::prelude::*;

use crate::execution::{Limits, prepass};

proptest! {
    #[test]
    fn measuring_equals_expanding(bodies in prop::collection::vec(body(), 1..6)) {
        let mut text = String::new();
        for (i, body) in bodies.iter().enumerate() {
            let body = write(body, i, bodies.len());
            text += &if i == 0 { format!("{{ {body} }}") } else { format!(" fragment F{i} on Node {{ {body} }}") };
        }
        let document = parse_query(&text).unwrap();
        let generous = Limits {
            tokens: u32::MAX, depth: u32::MAX, expanded_fields: u32::MAX, aliases: u32::MAX, directives: u32::MAX,
            root_fields: u32::MAX, mutations: u32::MAX, introspection_depth: u32::MAX, introspection_fields: u32::MAX,
            ..Limits::default()
        };

        let Ok(measured) = prepass::check(&document, &generous) else { return Ok(()) };

        let facts = measured[&None];
        let (_, operation) = document.operations.iter().next().unwrap();
        let mut naive = Naive::default();
        naive.expand(&document, &operation.node.selection_set.node, 0, 0);
        prop_assert_eq!(facts.expanded_fields, naive.fields);
        prop_assert_eq!(facts.depth, naive.depth);
        prop_assert_eq!(facts.aliases, naive.aliases);
        prop_assert_eq!(facts.directives, naive.directives);
        prop_assert_eq!(facts.selections, naive.selections);
        prop_assert_eq!(facts.nesting, naive.nesting);
        prop_assert_eq!(facts.root_fields, naive.root_fields);
    }
}

#[derive(Debug, Clone)]
enum Item {
    Leaf,
    Alias,
    Field(Vec<Item>),
    Inline(Vec<Item>),
    Spread(usize),
}

fn body() -> impl Strategy<Value = Vec<Item>> {
    let leaf = prop_oneof![Just(Item::Leaf), Just(Item::Alias), (0usize..8).prop_map(Item::Spread),];
    let item = leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(Item::Field),
            prop::collection::vec(inner, 1..3).prop_map(Item::Inline),
        ]
    });
    prop::collection::vec(item, 1..4)
}

/// The text of a fragment, which spreads only later ones.
fn write(items: &[Item], own: usize, count: usize) -> String {
    let parts = items.iter().map(|item| match item {
        Item::Leaf => "ok".to_owned(),
        Item::Alias => "x: ok @skip(if: false)".to_owned(),
        Item::Field(items) => format!("own {{ {} }}", write(items, own, count)),
        Item::Inline(items) => format!("... @skip(if: false) {{ {} }}", write(items, own, count)),
        Item::Spread(to) => format!("...F{}", own + 1 + to % (count - own)),
    });
    parts.collect::<Vec<_>>().join(" ")
}

/// What following every spread finds.
#[derive(Default)]
struct Naive {
    fields: u32,
    depth: u32,
    aliases: u32,
    directives: u32,
    selections: u32,
    nesting: u32,
    root_fields: u32,
}

impl Naive {
    fn expand(&mut self, document: &ExecutableDocument, set: &SelectionSet, depth: u32, nesting: u32) {
        self.depth = self.depth.max(depth);
        self.nesting = self.nesting.max(nesting);
        for item in &set.items {
            self.selections += 1;
            self.directives += item.node.directives().len() as u32;
            match &item.node {
                Selection::Field(field) => {
                    self.fields += 1;
                    self.root_fields += u32::from(depth == 0);
                    self.aliases += u32::from(field.node.alias.is_some());
                    self.expand(document, &field.node.selection_set.node, depth + 1, nesting + 1);
                }
                Selection::InlineFragment(inline) => {
                    self.expand(document, &inline.node.selection_set.node, depth, nesting + 1);
                }
                Selection::FragmentSpread(spread) => {
                    self.nesting = self.nesting.max(nesting + 1);
                    let fragment = document.fragments.get(&spread.node.fragment_name.node);
                    if let Some(fragment) = fragment {
                        self.expand(document, &fragment.node.selection_set.node, depth, nesting + 1);
                    }
                }
            }
        }
    }
}
