//! Variables against their declared types ("Coercing Variable Values"), before anything executes.
//!
//! Values that already fit are left where they are. Defaults are written into the variables, because async-graphql looks at nothing
//! else for `@skip` and `@include`.

use std::fmt::{self, Display, Formatter};

use async_graphql::{Name, Value, Variables};

use super::error::{RequestError, RequestErrorKind, RequestErrors};
use super::literal::{int, mismatch};
use super::types::{Base, InputFields, Kind, ScalarCheck, TypeId, TypeIndex, TypeRef};

/// A variable of an operation, ready to coerce values.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: Name,
    pub(crate) ty: TypeRef,
    pub(crate) default: Option<Value>,
    /// Nullable by its own type, but used where null can't stand because of a default.
    pub(crate) refuses_null: bool,
    /// Some argument or input field has to vanish when this variable has no value.
    pub(crate) may_vanish: bool,
    /// Errors name the kind of its value, not the value.
    pub(crate) is_secret: bool,
}

/// The values to execute with.
#[derive(Debug)]
pub struct Coerced {
    pub values: Variables,
    /// Some variable has no value and is used where the argument or field has to vanish.
    pub some_vanish: bool,
}

/// Coerces what the client sent. Values of variables that are not declared are dropped.
///
/// # Errors
/// Every value that does not fit, in the order of the declarations.
pub(crate) fn coerce(
    types: &TypeIndex,
    most_errors: usize,
    variables: &[Variable],
    mut given: Variables,
) -> Result<Coerced, RequestErrors> {
    let mut values = Variables::default();
    let mut some_vanish = false;
    let mut coercion = Coercion { types, most_errors, is_secret: false, errors: Vec::new() };
    for variable in variables {
        let path = Path::Variable(&variable.name);
        coercion.is_secret = variable.is_secret;
        match given.remove(&variable.name) {
            Some(Value::Null) if variable.refuses_null => {
                let mut ty = variable.ty.clone();
                ty.non_null = true;
                coercion.mismatch(&path, &ty, &Value::Null, None);
            }
            Some(mut value) => {
                coercion.value(&mut value, &variable.ty, &path);
                values.insert(variable.name.clone(), value);
            }
            None => match &variable.default {
                Some(default) => {
                    values.insert(variable.name.clone(), default.clone());
                }
                None if variable.ty.non_null => coercion.missing(&path, &variable.ty),
                None => some_vanish |= variable.may_vanish,
            },
        }
    }
    if coercion.errors.is_empty() {
        Ok(Coerced { values, some_vanish })
    } else {
        Err(RequestErrors::in_order(coercion.errors))
    }
}

/// Where a value is: `$input.tags[2]`.
enum Path<'a> {
    Variable(&'a str),
    Field(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Display for Path<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "${name}"),
            Self::Field(outer, name) => write!(f, "{outer}.{name}"),
            Self::Item(outer, i) => write!(f, "{outer}[{i}]"),
        }
    }
}

struct Coercion<'a> {
    types: &'a TypeIndex,
    most_errors: usize,
    is_secret: bool,
    errors: Vec<RequestError>,
}

impl Coercion<'_> {
    /// Coerces in place. Recursion is bounded by the depth that the JSON parser allows.
    fn value(&mut self, value: &mut Value, ty: &TypeRef, path: &Path<'_>) {
        match (&mut *value, &ty.base) {
            (Value::Null, _) if ty.non_null => self.mismatch(path, ty, value, None),
            (Value::Null, _) => {}
            (Value::List(items), Base::List(item_type)) => {
                for (i, item) in items.iter_mut().enumerate() {
                    self.value(item, item_type, &Path::Item(path, i));
                }
            }
            (_, Base::List(item_type)) => {
                self.value(value, item_type, path);
                *value = Value::List(vec![std::mem::take(value)]);
            }
            (_, Base::Named(id)) => self.named(value, ty, *id, path),
        }
    }

    fn named(&mut self, value: &mut Value, ty: &TypeRef, id: TypeId, path: &Path<'_>) {
        let types = self.types;
        let fits = match (types.kind(id), &mut *value) {
            (Kind::Input(fields), Value::Object(given)) => {
                return self.object(given, fields, id, path);
            }
            (Kind::Scalar(check), _) => return self.scalar(value, ty, *check, path),
            (Kind::Int, Value::Number(number)) => match int(number) {
                Some(integer) => {
                    *value = Value::from(integer);
                    true
                }
                None => false,
            },
            (Kind::Id, Value::Number(number)) if number.is_i64() => {
                *value = Value::String(number.to_string());
                true
            }
            (Kind::Float, Value::Number(_))
            | (Kind::String | Kind::Id, Value::String(_))
            | (Kind::Boolean, Value::Boolean(_)) => true,
            (Kind::Enum(values), Value::String(name)) => values.contains(name.as_str()),
            (Kind::Enum(values), Value::Enum(name)) => values.contains(name.as_str()),
            _ => false,
        };
        if !fits {
            self.mismatch(path, ty, value, None);
        }
    }

    fn object(
        &mut self,
        given: &mut async_graphql::indexmap::IndexMap<Name, Value>,
        fields: &InputFields,
        id: TypeId,
        path: &Path<'_>,
    ) {
        for (name, value) in given.iter_mut() {
            match fields.get(name.as_str()) {
                Some(field) => self.value(value, &field.ty, &Path::Field(path, name)),
                None => {
                    let ty = self.types.name(id);
                    self.error(format!("variable {path}: {ty} has no field {name}"));
                }
            }
        }
        if given.len() >= fields.len() && self.errors.is_empty() {
            return;
        }
        for (name, field) in fields {
            if field.default.is_none() && !field.ty.non_null || given.contains_key(name.as_ref()) {
                continue;
            }
            match &field.default {
                Some(default) => {
                    given.insert(Name::new(name), default.clone());
                }
                None => self.missing(&Path::Field(path, name), &field.ty),
            }
        }
    }

    fn scalar(&mut self, value: &Value, ty: &TypeRef, check: Option<ScalarCheck>, path: &Path<'_>) {
        if let Some(Err(reason)) = check.map(|check| check(value)) {
            self.mismatch(path, ty, value, Some(reason));
        }
    }

    fn missing(&mut self, path: &Path<'_>, ty: &TypeRef) {
        let ty = self.types.text(ty);
        self.error(format!("variable {path}: expected {ty}, but it is missing"));
    }

    fn mismatch(&mut self, path: &Path<'_>, ty: &TypeRef, value: &Value, reason: Option<String>) {
        let text = mismatch(self.types, ty, value, self.is_secret, reason);
        self.error(format!("variable {path}: {text}"));
    }

    fn error(&mut self, message: String) {
        // More would be cut off anyway.
        if self.errors.len() < self.most_errors {
            self.errors.push(RequestError::new(RequestErrorKind::Variable, message, vec![]));
        }
    }
}
