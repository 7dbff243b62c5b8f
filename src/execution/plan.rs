//! A document made ready to execute: parsed, measured, validated and reduced to one operation. Nothing in it depends on variables.

use std::collections::HashSet;

use async_graphql::{Name, ObjectType, Pos, Positioned, Schema, SubscriptionType};
use async_graphql_parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql_parser::{Error as ParseError, parse_query};

use super::cache::document_bytes;
use super::coercion::Variable;
use super::error::{RequestError, RequestErrorKind, RequestErrors};
use super::limits::Limits;
use super::prepass::{self, Facts, visit};
use super::price::PriceTree;
use super::types::TypeIndex;
use super::validation::{self, Findings};
use super::{scan, strict};

/// So many fields, fragments written out, cost a point at least: none is worked on for nothing.
const FIELDS_PER_POINT: u64 = 100;

/// What is kept of a document for one of its operations.
#[derive(Debug)]
pub struct Plan {
    document: ExecutableDocument,
    operation_name: Option<Name>,
    kind: OperationType,
    root_fields: Vec<Name>,
    facts: Facts,
    variables: Vec<Variable>,
    price: PriceTree,
    bytes: usize,
}

impl Plan {
    /// The selected operation and the fragments it uses, as the client wrote them. Always a single operation.
    pub fn document(&self) -> &ExecutableDocument {
        &self.document
    }

    /// The name of the selected operation, if it has one.
    pub fn operation_name(&self) -> Option<&str> {
        self.operation_name.as_deref()
    }

    pub fn kind(&self) -> OperationType {
        self.kind
    }

    /// The names (not aliases) of the fields of the operation itself, fragments spread, each once, in order.
    pub fn root_fields(&self) -> &[Name] {
        &self.root_fields
    }

    /// The size of the operation.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// For how many seconds HTTP caches may keep the answer to someone whom nothing is known about; none for not at all.
    pub fn max_age(&self) -> Option<u32> {
        self.price.max_age()
    }

    pub(crate) fn price_tree(&self) -> &PriceTree {
        &self.price
    }

    /// Where the operation begins.
    pub(crate) fn pos(&self) -> Pos {
        self.document.operations.iter().next().map_or(Pos::default(), |(_, operation)| operation.pos)
    }

    /// The least that it costs, in points, whatever is selected.
    pub(crate) fn least(&self) -> u64 {
        (u64::from(self.facts.expanded_fields) / FIELDS_PER_POINT).max(1)
    }

    /// About the memory this plan takes.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// Makes the plan of a document: the cold path.
    ///
    /// # Errors
    /// Everything that is wrong with the document, whatever its variables are.
    pub(crate) fn compile<Q, M, S>(
        text: &str,
        operation_name: Option<&str>,
        types: &TypeIndex,
        limits: &Limits,
        schema: &Schema<Q, M, S>,
    ) -> Result<Self, RequestErrors>
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        scan::check(text, limits)?;
        let document = parse_query(scan::without_comments(text)).map_err(syntax_error)?;
        let measured = prepass::check(&document, limits)?;
        let findings = validation::check(types, &document);
        let mut errors = findings.errors.clone();
        if findings.unknown.len() > limits.errors as usize {
            // More than are answered: not worth searching for similar names.
            errors.extend(findings.unknown.iter().cloned());
        } else if !findings.has_unknown_variable_type {
            let is_clean = errors.is_empty();
            errors.extend(
                strict::validate(schema, &document)
                    .into_iter()
                    .filter(|e| !strict::is_superseded(e))
                    .filter(|e| is_clean || !strict::is_repeated(e)),
            );
        }
        if !errors.is_empty() {
            return Err(RequestErrors::sorted(errors));
        }
        let (name, operation) = select(&document, operation_name)?;
        let variables = compile_variables(types, &findings, name, operation)?;
        let reduced = reduce(&document, operation);
        let price = PriceTree::compile(types, limits, &reduced, &operation.node);
        Ok(Self {
            bytes: document_bytes(&reduced) + price.bytes(),
            price,
            root_fields: root_fields(&reduced, &operation.node),
            operation_name: name.cloned(),
            kind: operation.node.ty,
            facts: measured.get(&name.cloned()).copied().unwrap_or_default(),
            variables,
            document: reduced,
        })
    }
}

/// "GetOperation".
fn select<'a>(
    document: &'a ExecutableDocument,
    wanted: Option<&str>,
) -> Result<(Option<&'a Name>, &'a Positioned<OperationDefinition>), RequestError> {
    let operations = prepass::operations_in_order(document);
    let error = |message: String| RequestError::new(RequestErrorKind::Operation, message, vec![]);
    let found = match wanted {
        Some(wanted) => operations
            .iter()
            .find(|(name, _)| name.is_some_and(|name| name == wanted))
            .ok_or_else(|| error(format!("the document has no operation named {wanted:?}"))),
        None if operations.len() > 1 => {
            let count = operations.len();
            Err(error(format!("the document has {count} operations: operationName must name one")))
        }
        None => operations.first().ok_or_else(|| error("the document has no operation".to_owned())),
    };
    let (name, operation) = *found?;
    if operation.node.ty == OperationType::Subscription {
        return Err(error("subscriptions can't be executed over this transport".to_owned()));
    }
    Ok((name, operation))
}

fn compile_variables(
    types: &TypeIndex,
    findings: &Findings<'_>,
    name: Option<&Name>,
    operation: &Positioned<OperationDefinition>,
) -> Result<Vec<Variable>, RequestError> {
    let usages = findings.usages(name.map(Name::as_str));
    let mut variables = Vec::with_capacity(operation.node.variable_definitions.len());
    for variable in &operation.node.variable_definitions {
        let definition = &variable.node;
        let ty = types
            .resolve(&definition.var_type.node)
            .map_err(|name| RequestError::validation(format!("unknown type {name}"), variable.pos))?;
        let nullable = !ty.non_null;
        let uses = || usages.iter().filter(|u| *u.variable == definition.name.node);
        let refuses_null = nullable && uses().any(|u| u.expected.is_some_and(|(place, _)| place.non_null));
        variables.push(Variable {
            name: definition.name.node.clone(),
            default: definition.default_value.as_ref().map(|d| d.node.clone()),
            refuses_null,
            may_vanish: nullable && uses().any(|u| u.may_vanish),
            is_secret: uses().any(|u| u.is_secret),
            ty,
        });
    }
    Ok(variables)
}

/// Keeps one operation and the fragments it reaches, so that async-graphql neither mixes up the variables of several operations
/// (its issue 1669) nor spends time on what will not run.
fn reduce(document: &ExecutableDocument, operation: &Positioned<OperationDefinition>) -> ExecutableDocument {
    let mut used = HashSet::new();
    let mut sets = vec![&operation.node.selection_set.node];
    while let Some(set) = sets.pop() {
        visit(set, |selection| {
            if let Selection::FragmentSpread(spread) = selection {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name)
                    && used.insert(name)
                {
                    sets.push(&fragment.node.selection_set.node);
                }
            }
        });
    }
    ExecutableDocument {
        operations: DocumentOperations::Single(operation.clone()),
        fragments: used
            .into_iter()
            .filter_map(|name| document.fragments.get_key_value(name))
            .map(|(name, fragment)| (name.clone(), fragment.clone()))
            .collect(),
    }
}

fn root_fields(document: &ExecutableDocument, operation: &OperationDefinition) -> Vec<Name> {
    let mut fields: Vec<Name> = Vec::new();
    let mut spread_before = HashSet::new();
    let mut stack = vec![operation.selection_set.node.items.iter()];
    while let Some(items) = stack.last_mut() {
        match items.next().map(|item| &item.node) {
            Some(Selection::Field(field)) => {
                if !fields.contains(&field.node.name.node) {
                    fields.push(field.node.name.node.clone());
                }
            }
            Some(Selection::InlineFragment(inline)) => {
                stack.push(inline.node.selection_set.node.items.iter());
            }
            Some(Selection::FragmentSpread(spread)) => {
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name)
                    && spread_before.insert(name)
                {
                    stack.push(fragment.node.selection_set.node.items.iter());
                }
            }
            None => {
                stack.pop();
            }
        }
    }
    fields
}

/// The parser's errors in one line: it draws the text with an arrow below it.
fn syntax_error(error: ParseError) -> RequestError {
    let locations: Vec<Pos> = error.positions().take(1).collect();
    let text = error.to_string();
    let reason =
        text.lines().rev().find_map(|line| line.trim_start().strip_prefix("= ")).unwrap_or(&text).replace('_', " ");
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    RequestError::new(RequestErrorKind::Syntax, format!("syntax error: {reason}"), locations)
}
