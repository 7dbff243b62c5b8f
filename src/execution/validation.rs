//! The rules of validation that async-graphql checks only in part: the values in a document and the use of variables. The walk
//! covers every operation and fragment, also `__typename`, which async-graphql's visitors pass over.

use std::collections::{HashMap, HashSet};

use async_graphql::{Name, Pos, Positioned};
use async_graphql_parser::types::{Directive, ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql_value::Value;

use super::error::RequestError;
use super::literal::{Literals, Usage};
use super::prepass::operations_in_order;
use super::types::{InputField, InputFields, TypeId, TypeIndex};
use super::usage::check_variables;

/// The variables used in an operation or fragment itself, and the fragments it spreads.
#[derive(Default)]
pub(crate) struct Scope<'a> {
    usages: Vec<Usage<'a>>,
    spreads: Vec<&'a str>,
}

/// What the walk over a document found.
#[derive(Default)]
pub(crate) struct Findings<'a> {
    /// By fragment name.
    fragments: HashMap<&'a str, Scope<'a>>,
    /// By operation name.
    operations: HashMap<Option<&'a str>, Scope<'a>>,
    pub(crate) errors: Vec<RequestError>,
    /// Fields and arguments the schema does not know: async-graphql words them better, but each costs it a search for similar names.
    pub(crate) unknown: Vec<RequestError>,
    /// A variable is of a type that does not exist; async-graphql panics at the default of a list of them.
    pub(crate) has_unknown_variable_type: bool,
}

impl<'a> Findings<'a> {
    /// Every variable an operation uses, in its own text and in the fragments it reaches.
    pub(crate) fn usages(&self, operation: Option<&str>) -> Vec<&Usage<'a>> {
        let mut usages = Vec::new();
        let mut seen = HashSet::new();
        let own = self.operations.iter().find(|(name, _)| **name == operation);
        let mut scopes: Vec<_> = own.map(|(_, scope)| scope).into_iter().collect();
        while let Some(scope) = scopes.pop() {
            usages.extend(&scope.usages);
            let unseen = scope.spreads.iter().filter(|name| seen.insert(**name));
            scopes.extend(unseen.filter_map(|name| self.fragments.get(name)));
        }
        usages
    }
}

/// Walks a document that has passed the pre-pass.
pub(crate) fn check<'a>(types: &'a TypeIndex, document: &'a ExecutableDocument) -> Findings<'a> {
    let mut findings = Findings::default();
    for (name, fragment) in &document.fragments {
        let mut walk = Walk::new(types, &mut findings);
        walk.directives(&fragment.node.directives);
        let parent = types.find(&fragment.node.type_condition.node.on.node);
        walk.selections(&fragment.node.selection_set.node, parent);
        let scope = walk.scope;
        findings.fragments.insert(name, scope);
    }
    for (name, operation) in document.operations.iter() {
        let mut walk = Walk::new(types, &mut findings);
        walk.directives(&operation.node.directives);
        for variable in &operation.node.variable_definitions {
            walk.directives(&variable.node.directives);
        }
        let parent = types.root(operation.node.ty);
        walk.selections(&operation.node.selection_set.node, parent);
        let scope = walk.scope;
        findings.operations.insert(name.map(Name::as_str), scope);
    }
    for (name, operation) in operations_in_order(document) {
        let errors = check_variables(types, &findings, name, operation);
        findings.errors.extend(errors);
        let variables = &operation.node.variable_definitions;
        findings.has_unknown_variable_type |= variables.iter().any(|v| types.resolve(&v.node.var_type.node).is_err());
    }
    findings
}

/// Walks one definition. Recursion is bounded by the depth of brackets in the text.
struct Walk<'a, 'f> {
    types: &'a TypeIndex,
    findings: &'f mut Findings<'a>,
    scope: Scope<'a>,
}

impl<'a, 'f> Walk<'a, 'f> {
    fn new(types: &'a TypeIndex, findings: &'f mut Findings<'a>) -> Self {
        Self { types, findings, scope: Scope::default() }
    }

    fn selections(&mut self, set: &'a SelectionSet, parent: Option<TypeId>) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => self.field(field, parent),
                Selection::InlineFragment(inline) => {
                    self.directives(&inline.node.directives);
                    let parent = match &inline.node.type_condition {
                        Some(condition) => self.types.find(&condition.node.on.node),
                        None => parent,
                    };
                    self.selections(&inline.node.selection_set.node, parent);
                }
                Selection::FragmentSpread(spread) => {
                    self.directives(&spread.node.directives);
                    self.scope.spreads.push(&spread.node.fragment_name.node);
                }
            }
        }
    }

    fn field(&mut self, field: &'a Positioned<Field>, parent: Option<TypeId>) {
        let types = self.types;
        let name = field.node.name.node.as_str();
        self.directives(&field.node.directives);
        if name == "__typename" {
            let has_selection = !field.node.selection_set.node.items.is_empty();
            if has_selection || !field.node.arguments.is_empty() {
                self.findings
                    .errors
                    .push(RequestError::validation("__typename takes no arguments and no selection", field.pos));
            }
            return;
        }
        let known = parent.and_then(|parent| types.field(parent, name));
        if let (None, Some(parent)) = (known, parent) {
            let message = format!("type {} has no field {name}", types.name(parent));
            self.findings.unknown.push(RequestError::validation(message, field.pos));
        }
        self.arguments(&field.node.arguments, known.map(|k| &k.arguments), name, field.pos);
        self.selections(&field.node.selection_set.node, known.map(|k| k.ty));
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        for directive in directives {
            let name = directive.node.name.node.as_str();
            let known = self.types.directive(name);
            self.arguments(&directive.node.arguments, known, &format!("@{name}"), directive.pos);
            if known.is_none() {
                self.findings
                    .errors
                    .push(RequestError::validation(format!("unknown directive @{name}"), directive.pos));
            }
        }
    }

    fn arguments(
        &mut self,
        given: &'a [(Positioned<Name>, Positioned<Value>)],
        known: Option<&'a InputFields>,
        owner: &str,
        pos: Pos,
    ) {
        for (name, value) in given {
            let known = known.map(|known| known.get(name.node.as_str()));
            let is_open = |argument: &InputField| !self.types.is_secret(&name.node, argument);
            let mut literals = Literals {
                types: self.types,
                pos: value.pos,
                // What stands in an unknown place may have been meant for another one.
                is_secret: !known.flatten().is_some_and(is_open),
                usages: &mut self.scope.usages,
                errors: &mut self.findings.errors,
            };
            match known {
                Some(Some(argument)) => {
                    let path = format!("argument {} of {owner}", name.node);
                    literals.input(&value.node, argument, &path);
                }
                Some(None) => {
                    literals.unknown(&value.node, false);
                    let message = format!("{owner} has no argument {}", name.node);
                    let error = RequestError::validation(message, name.pos);
                    self.findings.unknown.push(error);
                }
                None => literals.unknown(&value.node, false),
            }
        }
        for (name, argument) in known.into_iter().flatten() {
            let missing = !given.iter().any(|(given, _)| *given.node == **name);
            if missing && argument.is_required() {
                let ty = self.types.text(&argument.ty);
                self.findings.errors.push(RequestError::validation(
                    format!("argument {name} of {owner}: expected {ty}, but it is missing"),
                    pos,
                ));
            }
        }
    }
}
