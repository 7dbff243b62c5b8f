//! How much one operation may ask for, and how much its errors may tell. What a document is, is checked before anything walks it
//! recursively, whatever its variables are; what depends on them is checked before anything runs.
//!
//! | limit | default | counts |
//! | --- | --- | --- |
//! | tokens | 2,000 | names, punctuation, numbers and strings of the text |
//! | depth | 15 | fields inside fields |
//! | expanded_fields | 10,000 | fields after every fragment is spread, over all operations of the document |
//! | aliases | 30 | aliases after spreading |
//! | directives | 50 | directives after spreading |
//! | root_fields | 20 | fields of the operation itself |
//! | mutations | 5 | the same for a mutation, but for `__typename` |
//! | introspection_depth | 25 | depth below `__schema` and `__type`, which do not count towards `depth` |
//! | introspection_fields | 500 | fields below `__schema` and `__type` after spreading; 0 turns introspection off |
//! | cost | 5,000 | points |
//! | pages | 100, 20 | the largest size of a page, and the usual one |
//! | list_argument | 100 | items of a list that an answer has one item for each of |
//! | filter_terms | 50 | values with a weight in one argument |
//! | list_input | 100 | items of one such value |
//! | errors, error_bytes | 20, 300 | errors of a refused request, bytes of one text |

use async_graphql::Pos;
use async_graphql_parser::types::OperationType;

use super::error::{RequestError, RequestErrorKind};
use super::prepass::Facts;
use super::price::PageRules;

/// Brackets inside brackets of the text. The parser recurses once per level.
pub(crate) const MAX_BRACKETS: u32 = 64;
/// Bytes of one name: suggestions for unknown names compare it with every known one.
pub(crate) const MAX_NAME_BYTES: u32 = 128;
/// Selection sets inside selection sets after spreading. Validation and execution recurse once per level.
pub(crate) const MAX_NESTING: u32 = 32;
/// Comparisons that checking for conflicting response names may take.
const MAX_COMPARISONS: u32 = 20_000;
/// Selections of any kind, fragments included, per allowed field.
const SELECTIONS_PER_FIELD: u32 = 4;
/// `fields`, `interfaces`, `possibleTypes` and `inputFields` inside each other: each multiplies the answer by the schema's size.
const MAX_INTROSPECTION_LISTS: u32 = 2;

/// The largest operation that is executed. See the module's table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub tokens: u32,
    pub depth: u32,
    pub expanded_fields: u32,
    pub aliases: u32,
    pub directives: u32,
    pub root_fields: u32,
    pub mutations: u32,
    pub introspection_depth: u32,
    pub introspection_fields: u32,
    pub cost: u64,
    pub pages: PageRules,
    pub list_argument: u32,
    pub filter_terms: u32,
    pub list_input: u32,
    pub errors: u32,
    pub error_bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tokens: 2_000,
            depth: 15,
            expanded_fields: 10_000,
            aliases: 30,
            directives: 50,
            root_fields: 20,
            mutations: 5,
            introspection_depth: 25,
            introspection_fields: 500,
            cost: 5_000,
            pages: PageRules::default(),
            list_argument: 100,
            filter_terms: 50,
            list_input: 100,
            errors: 20,
            error_bytes: 300,
        }
    }
}

impl Limits {
    /// Checks one operation of a document.
    pub(crate) fn check_operation(&self, facts: &Facts, kind: OperationType, pos: Pos) -> Result<(), RequestError> {
        if self.introspection_fields == 0 && facts.introspection_fields > 0 {
            let text = "introspection is off on this server";
            return Err(RequestError::new(RequestErrorKind::Limit, text, vec![pos]));
        }
        let (root, fields, max_root) = match kind {
            OperationType::Mutation => ("mutation field count", facts.changing_fields, self.mutations),
            OperationType::Query | OperationType::Subscription => {
                ("root field count", facts.root_fields, self.root_fields)
            }
        };
        let depth = format!("{kind} depth");
        let checks = [
            (depth.as_str(), facts.depth, self.depth),
            ("expanded field count", facts.expanded_fields, self.expanded_fields),
            ("expanded selection count", facts.selections, self.expanded_fields.saturating_mul(SELECTIONS_PER_FIELD)),
            ("alias count", facts.aliases, self.aliases),
            ("directive count", facts.directives, self.directives),
            (root, fields, max_root),
            ("selection nesting", facts.nesting, MAX_NESTING),
            ("introspection depth", facts.introspection_depth, self.introspection_depth),
            ("introspection field count", facts.introspection_fields, self.introspection_fields),
            ("depth of lists in introspection", facts.introspection_lists, MAX_INTROSPECTION_LISTS),
        ];
        match checks.iter().find(|(_, found, maximum)| found > maximum) {
            Some((what, found, maximum)) => Err(RequestError::limit(what, *found, *maximum, pos)),
            None => Ok(()),
        }
    }

    /// Checks what holds for a document as a whole: the sums over its operations.
    pub(crate) fn check_document(&self, expanded_fields: u32, comparisons: u32, pos: Pos) -> Result<(), RequestError> {
        if expanded_fields > self.expanded_fields {
            return Err(RequestError::limit(
                "expanded field count of all operations",
                expanded_fields,
                self.expanded_fields,
                pos,
            ));
        }
        if comparisons > MAX_COMPARISONS {
            return Err(RequestError::limit("field comparison count", comparisons, MAX_COMPARISONS, pos));
        }
        Ok(())
    }
}
