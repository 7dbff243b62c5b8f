//! Reads the schema's types from its SDL.

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql_parser::parse_schema;
use async_graphql_parser::types::{
    FieldDefinition, InputValueDefinition, SchemaDefinition, TypeKind, TypeSystemDefinition,
};

use super::types::{
    InputField, InputFields, Kind, Named, OutputField, ScalarCheck, ScalarChecks, SchemaError, TypeId, TypeIndex,
};

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

    fn insert(&mut self, name: &str, kind: Kind) {
        self.by_name.insert(name.into(), TypeId(self.types.len()));
        self.types.push(Named { name: name.into(), kind });
    }

    fn named(&self, name: &str) -> Result<TypeId, SchemaError> {
        self.find(name).ok_or_else(|| SchemaError(format!("unknown type {name}")))
    }

    fn kind_of(&self, kind: &TypeKind, check: Option<ScalarCheck>) -> Result<Kind, SchemaError> {
        Ok(match kind {
            TypeKind::Scalar => Kind::Scalar(check),
            TypeKind::Object(object) => Kind::Output(self.outputs(&object.fields)?),
            TypeKind::Interface(interface) => Kind::Output(self.outputs(&interface.fields)?),
            TypeKind::Union(_) => Kind::Output(HashMap::new()),
            TypeKind::Enum(values) => {
                Kind::Enum(values.values.iter().map(|v| v.node.value.node.as_str().into()).collect())
            }
            TypeKind::InputObject(input) => Kind::Input(self.inputs(&input.fields)?),
        })
    }

    fn outputs(&self, fields: &[Positioned<FieldDefinition>]) -> Result<HashMap<Box<str>, OutputField>, SchemaError> {
        fields
            .iter()
            .map(|field| {
                let ty = self.resolve(&field.node.ty.node).map_err(SchemaError)?;
                let output = OutputField { arguments: self.inputs(&field.node.arguments)?, ty: ty.innermost() };
                Ok((field.node.name.node.as_str().into(), output))
            })
            .collect()
    }

    fn inputs(&self, fields: &[Positioned<InputValueDefinition>]) -> Result<InputFields, SchemaError> {
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
            name.as_ref().map(|name: &Positioned<async_graphql::Name>| self.named(&name.node)).transpose()
        };
        let (query, mutation) = (root(&schema.query)?, root(&schema.mutation)?);
        self.subscription = root(&schema.subscription)?;
        (self.query, self.mutation) = (query, mutation);
        let introspection = self.named("__Root")?;
        let Some(query) = query else { return Ok(()) };
        let Kind::Output(extra) =
            std::mem::replace(&mut self.types[introspection.0].kind, Kind::Output(HashMap::new()))
        else {
            return Ok(());
        };
        if let Kind::Output(fields) = &mut self.types[query.0].kind {
            fields.extend(extra);
        }
        Ok(())
    }
}
