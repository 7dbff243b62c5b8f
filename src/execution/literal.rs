//! Values written in a document against the types they stand for ("Values of Correct Type"), and the variables used in them.
//!
//! async-graphql leaves a literal alone once it holds a variable, and knows nothing of the range of `Int` or of custom scalars,
//! so that a bad one would be found by a resolver, after an earlier mutation has committed.

use std::fmt::Display;

use async_graphql::{Name, Pos, Value as ConstValue};
use async_graphql_value::{Number, Value};

use super::error::{RequestError, shortened};
use super::types::{Base, InputField, InputFields, Kind, ScalarCheck, TypeId, TypeIndex, TypeRef};

/// A variable at a place of the document.
#[derive(Debug, Clone)]
pub(crate) struct Usage<'a> {
    pub(crate) variable: &'a Name,
    pub(crate) pos: Pos,
    /// The type of the place and whether the place has a default of its own; none inside custom scalars and unknown arguments.
    pub(crate) expected: Option<(&'a TypeRef, bool)>,
    /// The argument or input field vanishes when the variable has no value.
    pub(crate) may_vanish: bool,
    /// What stands here is not told.
    pub(crate) is_secret: bool,
}

/// Checks the values of one place of the document.
pub(crate) struct Literals<'a, 's> {
    pub(crate) types: &'a TypeIndex,
    pub(crate) pos: Pos,
    /// Errors name the kind of a value, not the value.
    pub(crate) is_secret: bool,
    pub(crate) usages: &'s mut Vec<Usage<'a>>,
    pub(crate) errors: &'s mut Vec<RequestError>,
}

impl<'a> Literals<'a, '_> {
    /// The value of an argument, of an input field or of a default. `path` is how the error names it.
    pub(crate) fn input(&mut self, value: &'a Value, field: &'a InputField, path: &str) {
        let has_default = field.default.as_ref().is_some_and(|d| *d != ConstValue::Null);
        self.value(value, &field.ty, has_default, true, path);
    }

    /// A value whose type is not known: only the variables in it count.
    pub(crate) fn unknown(&mut self, value: &'a Value, may_vanish: bool) {
        match value {
            Value::Variable(variable) => {
                self.usages.push(self.usage(variable, None, may_vanish));
            }
            Value::List(items) => items.iter().for_each(|item| self.unknown(item, false)),
            Value::Object(fields) => fields.values().for_each(|value| self.unknown(value, true)),
            _ => {}
        }
    }

    pub(crate) fn value(&mut self, value: &'a Value, ty: &'a TypeRef, has_default: bool, may_vanish: bool, path: &str) {
        match (value, &ty.base) {
            (Value::Variable(variable), _) => {
                self.usages.push(self.usage(variable, Some((ty, has_default)), may_vanish));
            }
            (Value::Null, _) if ty.non_null => self.mismatch(path, ty, value, None),
            (Value::Null, _) => {}
            (Value::List(items), Base::List(item_type)) => {
                for (i, item) in items.iter().enumerate() {
                    self.value(item, item_type, false, false, &format!("{path}[{i}]"));
                }
            }
            (_, Base::List(item_type)) => self.value(value, item_type, false, false, path),
            (_, Base::Named(id)) => self.named(value, ty, *id, path),
        }
    }

    fn usage(&self, variable: &'a Name, expected: Option<(&'a TypeRef, bool)>, may_vanish: bool) -> Usage<'a> {
        Usage { variable, pos: self.pos, expected, may_vanish, is_secret: self.is_secret }
    }

    fn named(&mut self, value: &'a Value, ty: &TypeRef, id: TypeId, path: &str) {
        let types = self.types;
        let fits = match (types.kind(id), value) {
            (Kind::Input(fields), Value::Object(given)) => {
                return self.object(given, fields, id, path);
            }
            (Kind::Scalar(check), _) => return self.scalar(value, ty, *check, path),
            (Kind::Int, Value::Number(number)) => int(number).is_some() && !number.is_f64(),
            (Kind::Float, Value::Number(_))
            | (Kind::String | Kind::Id, Value::String(_))
            | (Kind::Boolean, Value::Boolean(_)) => true,
            (Kind::Id, Value::Number(number)) => number.is_i64(),
            (Kind::Enum(values), Value::Enum(name)) => values.contains(name.as_str()),
            _ => false,
        };
        if !fits {
            self.mismatch(path, ty, value, None);
        }
    }

    fn object(
        &mut self,
        given: &'a async_graphql::indexmap::IndexMap<Name, Value>,
        fields: &'a InputFields,
        id: TypeId,
        path: &str,
    ) {
        for (name, value) in given {
            match fields.get(name.as_str()) {
                Some(field) => self.input(value, field, &format!("{path}.{name}")),
                None => {
                    self.unknown(value, false);
                    let ty = self.types.name(id);
                    self.error(format!("{path}: {ty} has no field {name}"));
                }
            }
        }
        for (name, field) in fields {
            if field.is_required() && !given.contains_key(name.as_ref()) {
                let ty = self.types.text(&field.ty);
                self.error(format!("{path}.{name}: expected {ty}, but it is missing"));
            }
        }
    }

    fn scalar(&mut self, value: &'a Value, ty: &TypeRef, check: Option<ScalarCheck>, path: &str) {
        self.unknown(value, false);
        let Some(check) = check else { return };
        let constant = value.clone().into_const_with(|_| Ok::<_, ()>(ConstValue::Null)).unwrap_or_default();
        if let Err(reason) = check(&constant) {
            self.mismatch(path, ty, value, Some(reason));
        }
    }

    fn mismatch(&mut self, path: &str, ty: &TypeRef, found: &dyn Display, reason: Option<String>) {
        let text = mismatch(self.types, ty, found, self.is_secret, reason);
        self.error(format!("{path}: {text}"));
    }

    fn error(&mut self, message: String) {
        self.errors.push(RequestError::validation(message, self.pos));
    }
}

/// `expected Decimal, found true`; of a secret only the kind: `expected String!, found a number`.
pub(crate) fn mismatch(
    types: &TypeIndex,
    ty: &TypeRef,
    found: &dyn Display,
    is_secret: bool,
    reason: Option<String>,
) -> String {
    let (ty, found) = (types.text(ty), shortened(found));
    if is_secret {
        return format!("expected {ty}, found {}", kind(&found));
    }
    let reason = reason.map_or(String::new(), |reason| format!(" ({reason})"));
    format!("expected {ty}, found {found}{reason}")
}

/// The kind of a value, as its text tells it.
fn kind(text: &str) -> &'static str {
    match text {
        "null" => "null",
        "true" | "false" => "a boolean",
        _ => match text.chars().next() {
            Some('[') => "a list",
            Some('{') => "an object",
            Some('"') => "a string",
            Some('-' | '0'..='9') => "a number",
            _ => "a name",
        },
    }
}

/// A number as an `Int` ("Int: Input Coercion"): 32 bits, and without a fraction, though 1.0 is the integer 1.
pub(crate) fn int(number: &Number) -> Option<i32> {
    match number.as_i64() {
        Some(integer) => i32::try_from(integer).ok(),
        None => {
            let float = number.as_f64()?;
            let in_range = float >= f64::from(i32::MIN) && float <= f64::from(i32::MAX);
            let integer = float as i32;
            (in_range && float.fract() == 0.0).then_some(integer)
        }
    }
}
