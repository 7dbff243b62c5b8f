//! What the variables of a request say about its price, judged by the limits.

use std::collections::HashSet;

use async_graphql::{Name, Variables};
use async_graphql_value::Value;

use super::terms::{Given, Terms};
use super::{InputId, Kind, PartId, PriceTree};
use crate::execution::cache::value_bytes;
use crate::execution::error::{RequestError, RequestErrorKind, RequestErrors};
use crate::execution::limits::Limits;
use crate::execution::types::{TypeId, TypeIndex};

/// A number that the price depends on.
#[derive(Debug)]
pub(super) enum Input {
    /// A variable of `@skip` or `@include`: 0 or 1.
    Flag(Name),
    /// The size of a page.
    Page { first: Argument, last: Argument },
    /// A number, or the length of a list.
    Length { name: Box<str>, value: Argument },
    /// The points of the values in an argument.
    Terms { name: Box<str>, ty: TypeId, weight: u64, value: Value },
}

/// What was written for an argument, and what stands for it when that has no value.
#[derive(Debug)]
pub(super) struct Argument {
    pub(super) value: Option<Value>,
    pub(super) default: Option<Value>,
}

impl Argument {
    fn resolve<'a>(&'a self, variables: &'a Variables) -> Option<Given<'a>> {
        let is_given = |value: &&Value| !matches!(value, Value::Variable(name) if !variables.contains_key(name));
        let value = self.value.as_ref().filter(is_given).or(self.default.as_ref())?;
        Given::Literal(value).resolve(variables)
    }
}

impl Input {
    /// # Errors
    /// The limit that is exceeded.
    pub(super) fn resolve(&self, types: &TypeIndex, limits: &Limits, variables: &Variables) -> Result<u64, String> {
        match self {
            Self::Flag(name) => Ok(u64::from(variables.get(name) == Some(&async_graphql::Value::Boolean(true)))),
            Self::Page { first, last } => {
                let [first, last] = [first, last].map(|argument| argument.resolve(variables)?.integer());
                limits.pages.size(first, last).map(|(size, _)| u64::from(size))
            }
            Self::Length { name, value } => {
                let most = limits.list_argument as usize;
                let given = value.resolve(variables);
                if let Some(number) = given.and_then(Given::integer) {
                    // What is less or more than the field takes, it refuses.
                    return Ok(u64::try_from(number).unwrap_or(0).min(most as u64));
                }
                let length = given.map_or(0, |given| given.length().unwrap_or(1));
                if length > most {
                    return Err(format!("{length} {name} are over the maximum of {most}"));
                }
                Ok(length as u64)
            }
            Self::Terms { name, ty, weight, value } => {
                Terms::points(types, limits, variables, (name, *ty, *weight), value)
            }
        }
    }

    pub(super) fn has_variables(&self) -> bool {
        let in_argument = |argument: &Argument| argument.value.as_ref().is_some_and(has_variables);
        match self {
            Self::Flag(_) => true,
            Self::Page { first, last } => in_argument(first) || in_argument(last),
            Self::Length { value, .. } => in_argument(value),
            Self::Terms { value, .. } => has_variables(value),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        let argument = |argument: &Argument| argument.value.as_ref().map_or(0, value_bytes);
        size_of::<Self>()
            + match self {
                Self::Flag(_) => 0,
                Self::Page { first, last } => argument(first) + argument(last),
                Self::Length { value, .. } => argument(value),
                Self::Terms { value, .. } => value_bytes(value),
            }
    }
}

impl PriceTree {
    /// The inputs of one request.
    ///
    /// # Errors
    /// Every limit that a selection exceeds which is not skipped.
    pub(crate) fn inputs(
        &self,
        types: &TypeIndex,
        limits: &Limits,
        variables: &Variables,
    ) -> Result<Box<[u64]>, RequestErrors> {
        let mut any_refused = false;
        let resolved = self.inputs.iter().map(|input| {
            input.resolve(types, limits, variables).unwrap_or_else(|_| {
                any_refused = true;
                0
            })
        });
        let resolved: Box<[u64]> = resolved.collect();
        if any_refused {
            let message = |id: InputId| self.inputs[id.0 as usize].resolve(types, limits, variables).err();
            let errors = self.refused(&resolved, message);
            if !errors.is_empty() {
                return Err(RequestErrors::sorted(errors));
            }
        }
        Ok(resolved)
    }

    /// The errors at the fields that are not skipped; each part is seen once.
    fn refused(&self, inputs: &[u64], message: impl Fn(InputId) -> Option<String>) -> Vec<RequestError> {
        let mut errors = Vec::new();
        let mut seen: HashSet<PartId> = HashSet::new();
        let mut open: Vec<PartId> = self.root.into_iter().collect();
        while let Some(id) = open.pop() {
            if !self.part(id).is_judged || !seen.insert(id) {
                continue;
            }
            match &self.part(id).kind {
                Kind::Set(parts) => open.extend(parts),
                Kind::Guarded(guards, inner) => {
                    if guards.iter().all(|guard| guard.holds(inputs)) {
                        open.push(*inner);
                    }
                }
                Kind::Field(field) => {
                    let messages = field.terms.iter().chain(&field.judged).filter_map(|id| message(*id));
                    errors
                        .extend(messages.map(|text| RequestError::new(RequestErrorKind::Limit, text, vec![field.pos])));
                    open.extend(field.members.iter().filter_map(|member| member.set));
                }
            }
        }
        errors
    }
}

fn has_variables(value: &Value) -> bool {
    match value {
        Value::Variable(_) => true,
        Value::List(items) => items.iter().any(has_variables),
        Value::Object(fields) => fields.values().any(has_variables),
        _ => false,
    }
}
