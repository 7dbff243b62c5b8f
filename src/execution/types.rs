//! The schema's types as coercion and validation need them: built once from the schema's SDL, then looked up by number.

use std::collections::{HashMap, HashSet};

use async_graphql::indexmap::IndexMap;
use async_graphql::{InputType, Pos, ScalarType, Value as ConstValue};
use async_graphql_parser::types::{BaseType, OperationType, Type};

/// Says why a value is not one of a custom scalar. Called for variables and for literals, before anything executes.
pub type ScalarCheck = fn(&ConstValue) -> Result<(), String>;

/// The check of a scalar that can parse: what its own parser says.
///
/// # Errors
/// The parser's reason.
pub fn parses_as<T: ScalarType + InputType>(value: &ConstValue) -> Result<(), String> {
    let parsed = <T as ScalarType>::parse(value.clone());
    parsed.map(drop).map_err(|error| {
        let message = error.into_server_error(Pos::default()).message;
        match message.split_once("\": ") {
            Some((_, reason)) => reason.to_owned(),
            None => message,
        }
    })
}

/// The arguments and input fields that take secrets. These, and all that stands beside them, are not repeated in errors.
const SECRETS: [&str; 4] = ["password", "currentPassword", "newPassword", "token"];

/// The checks of custom scalars, by the scalar's name. A scalar without one takes any value until its own parser sees it.
pub type ScalarChecks = HashMap<&'static str, ScalarCheck>;

/// A named type, by its place in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct TypeId(pub(super) usize);

/// A type as written at a field, argument or variable, such as `[ID!]!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TypeRef {
    pub(crate) base: Base,
    pub(crate) non_null: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Base {
    Named(TypeId),
    List(Box<TypeRef>),
}

impl TypeRef {
    /// The named type inside all lists.
    pub(crate) fn innermost(&self) -> TypeId {
        match &self.base {
            Base::Named(id) => *id,
            Base::List(item) => item.innermost(),
        }
    }
}

/// An argument or a field of an input object.
#[derive(Debug)]
pub(crate) struct InputField {
    pub(crate) ty: TypeRef,
    pub(crate) default: Option<ConstValue>,
    /// Points for a value given here, and for each object of a list of objects.
    pub(crate) weight: u64,
}

impl InputField {
    /// Must be given, and not as null.
    pub(crate) fn is_required(&self) -> bool {
        self.ty.non_null && self.default.is_none()
    }
}

pub(crate) type InputFields = IndexMap<Box<str>, InputField>;

/// How long a list is taken to be before it is there.
#[derive(Debug)]
pub(crate) struct ListSize {
    pub(crate) by: SizedBy,
    /// The fields of the answer that are so long; none when it is the answer itself.
    pub(crate) fields: Vec<Box<str>>,
}

#[derive(Debug)]
pub(crate) enum SizedBy {
    Assumption(u64),
    /// `first` and `last`.
    Page,
    /// The length of this argument.
    Argument(Box<str>),
}

#[derive(Debug)]
pub(crate) struct OutputField {
    pub(crate) arguments: InputFields,
    pub(crate) ty: TypeId,
    pub(crate) is_list: bool,
    /// Points that stand for the weight of its type.
    pub(crate) weight: Option<u64>,
    pub(crate) size: Option<ListSize>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Int,
    Float,
    String,
    Boolean,
    Id,
    Scalar(Option<ScalarCheck>),
    Enum(HashSet<Box<str>>),
    Input(InputFields),
    /// Objects and interfaces; unions have no fields.
    Output(HashMap<Box<str>, OutputField>),
}

impl Kind {
    pub(crate) fn is_input(&self) -> bool {
        !matches!(self, Self::Output(_))
    }
}

#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: Box<str>,
    pub(super) kind: Kind,
    /// The objects that a value of it can be: itself, or the members of an interface or union.
    pub(super) members: Vec<TypeId>,
    /// Points of one object.
    pub(super) weight: u64,
    /// Seconds for which HTTP caches may keep it.
    pub(super) max_age: u32,
    /// An input object with weights in it, at some depth.
    pub(super) weighs: bool,
    /// An input object with a secret in it, at some depth.
    pub(super) has_secret: bool,
}

/// Every type, field, argument and directive of a schema.
#[derive(Debug, Default)]
pub(crate) struct TypeIndex {
    pub(super) types: Vec<Named>,
    pub(super) by_name: HashMap<Box<str>, TypeId>,
    pub(super) directives: HashMap<Box<str>, InputFields>,
    pub(super) query: Option<TypeId>,
    pub(super) mutation: Option<TypeId>,
    pub(super) subscription: Option<TypeId>,
}

/// The schema's own text cannot be read back.
#[derive(Debug, thiserror::Error)]
#[error("schema: {0}")]
pub struct SchemaError(pub(super) String);

impl TypeIndex {
    pub(crate) fn kind(&self, id: TypeId) -> &Kind {
        &self.types[id.0].kind
    }

    pub(crate) fn name(&self, id: TypeId) -> &str {
        &self.types[id.0].name
    }

    /// The objects that a value of an output type can be.
    pub(crate) fn members(&self, id: TypeId) -> &[TypeId] {
        &self.types[id.0].members
    }

    /// The points of one object.
    pub(crate) fn weight(&self, id: TypeId) -> u64 {
        self.types[id.0].weight
    }

    /// The seconds for which HTTP caches may keep an object; 0 for not at all.
    pub(crate) fn max_age(&self, id: TypeId) -> u32 {
        self.types[id.0].max_age
    }

    /// Whether a value given here can cost anything.
    pub(crate) fn weighs(&self, field: &InputField) -> bool {
        field.weight > 0 || self.types[field.ty.innermost().0].weighs
    }

    /// Whether a value given for this argument or field may hold a secret.
    pub(crate) fn is_secret(&self, name: &str, field: &InputField) -> bool {
        SECRETS.contains(&name) || self.types[field.ty.innermost().0].has_secret
    }

    pub(crate) fn root(&self, operation: OperationType) -> Option<TypeId> {
        match operation {
            OperationType::Query => self.query,
            OperationType::Mutation => self.mutation,
            OperationType::Subscription => self.subscription,
        }
    }

    pub(crate) fn find(&self, name: &str) -> Option<TypeId> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn field(&self, parent: TypeId, name: &str) -> Option<&OutputField> {
        match self.kind(parent) {
            Kind::Output(fields) => fields.get(name),
            _ => None,
        }
    }

    pub(crate) fn directive(&self, name: &str) -> Option<&InputFields> {
        self.directives.get(name)
    }

    /// Resolves a type of a document; the name that is unknown otherwise.
    pub(crate) fn resolve(&self, ty: &Type) -> Result<TypeRef, String> {
        let base = match &ty.base {
            BaseType::Named(name) => Base::Named(self.find(name).ok_or_else(|| name.to_string())?),
            BaseType::List(item) => Base::List(Box::new(self.resolve(item)?)),
        };
        Ok(TypeRef { base, non_null: !ty.nullable })
    }

    /// The type as GraphQL writes it.
    pub(crate) fn text(&self, ty: &TypeRef) -> String {
        let base = match &ty.base {
            Base::Named(id) => self.name(*id).to_owned(),
            Base::List(item) => format!("[{}]", self.text(item)),
        };
        if ty.non_null { base + "!" } else { base }
    }
}
