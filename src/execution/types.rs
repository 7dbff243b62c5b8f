//! The schema's types as coercion and validation need them: built once from the schema's SDL, then looked up by number.

use std::collections::{HashMap, HashSet};

use async_graphql::Positioned;
use async_graphql::Value as ConstValue;
use async_graphql::indexmap::IndexMap;
use async_graphql_parser::parse_schema;
use async_graphql_parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, OperationType, SchemaDefinition, Type,
    TypeKind, TypeSystemDefinition,
};

/// Says why a value is not one of a custom scalar. Called for variables and for literals, before anything executes.
pub type ScalarCheck = fn(&ConstValue) -> Result<(), String>;

/// The checks of custom scalars, by the scalar's name. A scalar without one takes any value until its own parser sees it.
pub type ScalarChecks = HashMap<&'static str, ScalarCheck>;

/// What the SDL leaves out: the built-in scalars and the types of introspection ("Schema Introspection").
const BUILT_IN: &str = r#"
type __Schema { types: __Type queryType: __Type mutationType: __Type subscriptionType: __Type directives: __Directive description: String }
type __Type {
  kind: __TypeKind name: String description: String specifiedByURL: String isOneOf: Boolean ofType: __Type
  interfaces: __Type possibleTypes: __Type
  fields(includeDeprecated: Boolean! = false): __Field
  enumValues(includeDeprecated: Boolean! = false): __EnumValue
  inputFields(includeDeprecated: Boolean! = false): __InputValue
}
type __Field {
  name: String description: String type: __Type isDeprecated: Boolean deprecationReason: String
  args(includeDeprecated: Boolean! = false): __InputValue
}
type __InputValue { name: String description: String type: __Type defaultValue: String isDeprecated: Boolean deprecationReason: String }
type __EnumValue { name: String description: String isDeprecated: Boolean deprecationReason: String }
type __Directive {
  name: String description: String locations: __DirectiveLocation isRepeatable: Boolean
  args(includeDeprecated: Boolean! = false): __InputValue
}
enum __TypeKind { SCALAR }
enum __DirectiveLocation { QUERY }
type __Root { __schema: __Schema __type(name: String!): __Type }
directive @skip(if: Boolean!) on FIELD
directive @include(if: Boolean!) on FIELD
"#;

/// A named type, by its place in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TypeId(usize);

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
}

impl InputField {
    /// Must be given, and not as null.
    pub(crate) fn is_required(&self) -> bool {
        self.ty.non_null && self.default.is_none()
    }
}

pub(crate) type InputFields = IndexMap<Box<str>, InputField>;

#[derive(Debug)]
pub(crate) struct OutputField {
    pub(crate) arguments: InputFields,
    pub(crate) ty: TypeId,
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
struct Named {
    name: Box<str>,
    kind: Kind,
}

/// Every type, field, argument and directive of a schema.
#[derive(Debug, Default)]
pub(crate) struct TypeIndex {
    types: Vec<Named>,
    by_name: HashMap<Box<str>, TypeId>,
    directives: HashMap<Box<str>, InputFields>,
    query: Option<TypeId>,
    mutation: Option<TypeId>,
    subscription: Option<TypeId>,
}

/// The schema's own text cannot be read back.
#[derive(Debug, thiserror::Error)]
#[error("schema: {0}")]
pub struct SchemaError(String);

impl TypeIndex {
    /// Reads the SDL of a schema.
    ///
    /// # Errors
    /// The SDL does not parse or names a type that it does not define.
    pub(crate) fn new(sdl: &str, checks: &ScalarChecks) -> Result<Self, SchemaError> {
        let text = format!("{BUILT_IN}{sdl}");
        let document = parse_schema(text).map_err(|e| SchemaError(e.to_string()))?;
        let mut index = Self::default();
        for (name, kind) in [
            ("Int", Kind::Int),
            ("Float", Kind::Float),
            ("String", Kind::String),
            ("Boolean", Kind::Boolean),
            ("ID", Kind::Id),
        ] {
            index.insert(name, kind);
        }
        let mut definitions = Vec::new();
        for definition in &document.definitions {
            match definition {
                TypeSystemDefinition::Type(ty) => definitions.push(&ty.node),
                TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => {}
            }
        }
        // Names first, for types may name each other in circles.
        for ty in &definitions {
            index.insert(&ty.name.node, Kind::Output(HashMap::new()));
        }
        for ty in &definitions {
            let kind = index.kind_of(&ty.kind, checks.get(ty.name.node.as_str()).copied())?;
            let id = index.named(&ty.name.node)?;
            index.types[id.0].kind = kind;
        }
        for definition in &document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => index.set_roots(&schema.node)?,
                TypeSystemDefinition::Directive(directive) => {
                    let arguments = index.inputs(&directive.node.arguments)?;
                    let name = directive.node.name.node.as_str();
                    index.directives.insert(name.into(), arguments);
                }
                TypeSystemDefinition::Type(_) => {}
            }
        }
        Ok(index)
    }

    pub(crate) fn kind(&self, id: TypeId) -> &Kind {
        &self.types[id.0].kind
    }

    pub(crate) fn name(&self, id: TypeId) -> &str {
        &self.types[id.0].name
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
        Ok(TypeRef {
            base,
            non_null: !ty.nullable,
        })
    }

    /// The type as GraphQL writes it.
    pub(crate) fn text(&self, ty: &TypeRef) -> String {
        let base = match &ty.base {
            Base::Named(id) => self.name(*id).to_owned(),
            Base::List(item) => format!("[{}]", self.text(item)),
        };
        if ty.non_null { base + "!" } else { base }
    }

    fn insert(&mut self, name: &str, kind: Kind) {
        self.by_name.insert(name.into(), TypeId(self.types.len()));
        self.types.push(Named {
            name: name.into(),
            kind,
        });
    }

    fn named(&self, name: &str) -> Result<TypeId, SchemaError> {
        self.find(name)
            .ok_or_else(|| SchemaError(format!("unknown type {name}")))
    }

    fn kind_of(&self, kind: &TypeKind, check: Option<ScalarCheck>) -> Result<Kind, SchemaError> {
        Ok(match kind {
            TypeKind::Scalar => Kind::Scalar(check),
            TypeKind::Object(object) => Kind::Output(self.outputs(&object.fields)?),
            TypeKind::Interface(interface) => Kind::Output(self.outputs(&interface.fields)?),
            TypeKind::Union(_) => Kind::Output(HashMap::new()),
            TypeKind::Enum(values) => Kind::Enum(
                values
                    .values
                    .iter()
                    .map(|v| v.node.value.node.as_str().into())
                    .collect(),
            ),
            TypeKind::InputObject(input) => Kind::Input(self.inputs(&input.fields)?),
        })
    }

    fn outputs(
        &self,
        fields: &[Positioned<FieldDefinition>],
    ) -> Result<HashMap<Box<str>, OutputField>, SchemaError> {
        fields
            .iter()
            .map(|field| {
                let ty = self.resolve(&field.node.ty.node).map_err(SchemaError)?;
                let output = OutputField {
                    arguments: self.inputs(&field.node.arguments)?,
                    ty: ty.innermost(),
                };
                Ok((field.node.name.node.as_str().into(), output))
            })
            .collect()
    }

    fn inputs(
        &self,
        fields: &[Positioned<InputValueDefinition>],
    ) -> Result<InputFields, SchemaError> {
        fields
            .iter()
            .map(|field| {
                let input = InputField {
                    ty: self.resolve(&field.node.ty.node).map_err(SchemaError)?,
                    default: field.node.default_value.as_ref().map(|d| d.node.clone()),
                };
                Ok((field.node.name.node.as_str().into(), input))
            })
            .collect()
    }

    fn set_roots(&mut self, schema: &SchemaDefinition) -> Result<(), SchemaError> {
        let root = |name: &Option<Positioned<_>>| {
            name.as_ref()
                .map(|name: &Positioned<async_graphql::Name>| self.named(&name.node))
                .transpose()
        };
        let (query, mutation) = (root(&schema.query)?, root(&schema.mutation)?);
        self.subscription = root(&schema.subscription)?;
        (self.query, self.mutation) = (query, mutation);
        let introspection = self.named("__Root")?;
        let Some(query) = query else { return Ok(()) };
        let Kind::Output(extra) = std::mem::replace(
            &mut self.types[introspection.0].kind,
            Kind::Output(HashMap::new()),
        ) else {
            return Ok(());
        };
        if let Kind::Output(fields) = &mut self.types[query.0].kind {
            fields.extend(extra);
        }
        Ok(())
    }
}
