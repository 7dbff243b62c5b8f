//! The values in an argument that cost something, such as the conditions of a filter.

use async_graphql::{Name, Value as ConstValue, Variables};
use async_graphql_value::Value;

use crate::execution::limits::Limits;
use crate::execution::types::{Kind, TypeId, TypeIndex};

/// Counts them in one argument.
pub(super) struct Terms<'a> {
    types: &'a TypeIndex,
    limits: &'a Limits,
    variables: &'a Variables,
    count: u64,
    points: u64,
    error: Option<String>,
}

impl<'a> Terms<'a> {
    /// The points of an argument of a type and weight.
    ///
    /// # Errors
    /// There are more values than are taken.
    pub(super) fn points(
        types: &'a TypeIndex,
        limits: &'a Limits,
        variables: &'a Variables,
        (name, ty, weight): (&'a str, TypeId, u64),
        value: &'a Value,
    ) -> Result<u64, String> {
        let mut terms = Self { types, limits, variables, count: 0, points: 0, error: None };
        // To say no is to ask for nothing.
        if Given::Literal(value).resolve(variables).is_some_and(Given::is_false) {
            return Ok(0);
        }
        terms.value(Given::Literal(value), ty, weight, ["", name]);
        let (count, most) = (terms.count, u64::from(limits.filter_terms));
        match terms.error {
            None if count > most => Err(format!("{name} has {count} conditions, over the maximum of {most}")),
            None => Ok(terms.points),
            Some(error) => Err(error),
        }
    }

    /// Recursion is bounded by the brackets that a document and a JSON text may nest.
    fn value(&mut self, value: Given<'a>, ty: TypeId, weight: u64, path: [&'a str; 2]) {
        let Some(value) = value.resolve(self.variables) else { return };
        match (self.types.kind(ty), value.length()) {
            (Kind::Input(_), Some(_)) => value.each_item(&mut |item| self.value(item, ty, weight, path)),
            (Kind::Input(fields), None) => {
                self.add(weight);
                value.each_field(&mut |name, value| {
                    if let Some(field) = fields.get(name)
                        && self.types.weighs(field)
                    {
                        self.value(value, field.ty.innermost(), field.weight, [path[1], name]);
                    }
                });
            }
            (_, length) => {
                self.add(weight);
                let (length, most) = (length.unwrap_or(1), self.limits.list_input as usize);
                if length > most {
                    let [owner, name] = path;
                    let text = || format!("{owner} {name} has {length} values, over the maximum of {most}");
                    self.error.get_or_insert_with(text);
                }
            }
        }
    }

    fn add(&mut self, weight: u64) {
        self.count = self.count.saturating_add(u64::from(weight > 0));
        self.points = self.points.saturating_add(weight);
    }
}

/// A value of a document, or of a variable in it.
#[derive(Clone, Copy)]
pub(super) enum Given<'a> {
    Literal(&'a Value),
    Constant(&'a ConstValue),
}

impl<'a> Given<'a> {
    /// The value behind a variable; none for null and for what is not given.
    pub(super) fn resolve(self, variables: &'a Variables) -> Option<Self> {
        let value = match self {
            Self::Literal(Value::Variable(name)) => Self::Constant(variables.get(name)?),
            other => other,
        };
        match value {
            Self::Literal(Value::Null) | Self::Constant(ConstValue::Null) => None,
            value => Some(value),
        }
    }

    /// How many items a list has.
    pub(super) fn length(self) -> Option<usize> {
        match self {
            Self::Literal(Value::List(items)) => Some(items.len()),
            Self::Constant(ConstValue::List(items)) => Some(items.len()),
            _ => None,
        }
    }

    fn is_false(self) -> bool {
        matches!(self, Self::Literal(Value::Boolean(false)) | Self::Constant(ConstValue::Boolean(false)))
    }

    pub(super) fn integer(self) -> Option<i32> {
        let number = match self {
            Self::Literal(Value::Number(number)) | Self::Constant(ConstValue::Number(number)) => number,
            _ => return None,
        };
        number.as_i64().and_then(|number| i32::try_from(number).ok())
    }

    fn each_item(self, on: &mut dyn FnMut(Given<'a>)) {
        match self {
            Self::Literal(Value::List(items)) => items.iter().for_each(|item| on(Self::Literal(item))),
            Self::Constant(ConstValue::List(items)) => items.iter().for_each(|item| on(Self::Constant(item))),
            _ => {}
        }
    }

    fn each_field(self, on: &mut dyn FnMut(&'a str, Given<'a>)) {
        let name = Name::as_str;
        match self {
            Self::Literal(Value::Object(fields)) => {
                fields.iter().for_each(|(key, value)| on(name(key), Self::Literal(value)));
            }
            Self::Constant(ConstValue::Object(fields)) => {
                fields.iter().for_each(|(key, value)| on(name(key), Self::Constant(value)));
            }
            _ => {}
        }
    }
}
