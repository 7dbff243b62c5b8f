//! Reads the schema's types from its SDL.

use std::collections::HashMap;

use async_graphql::Positioned;
use async_graphql_parser::parse_schema;
use async_graphql_parser::types::{
    DirectiveLocation, FieldDefinition, InputValueDefinition, SchemaDefinition, TypeKind, TypeSystemDefinition,
};

use super::hints;
use super::types::{
    Base, InputField, InputFields, Kind, Named, OutputField, ScalarCheck, ScalarChecks, SchemaError, TypeId, TypeIndex,
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
            let name = ty.name.node.as_str();
            let kind = index.kind_of(name, &ty.kind, checks.get(name).copied())?;
            let weight = hints::weight(&ty.directives)?;
            let id = index.named(name)?;
            let named = &mut index.types[id.0];
            named.kind = kind;
            named.weight = weight.unwrap_or(if is_of_introspection(name) { 0 } else { 1 });
            named.max_age = hints::max_age(&ty.directives);
            index.set_members(id, &ty.kind)?;
        }
        index.mark(|named| &mut named.weighs, |index, _, field| index.weighs(field));
        index.mark(|named| &mut named.has_secret, Self::is_secret);
        for definition in &document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => index.set_roots(&schema.node)?,
                TypeSystemDefinition::Directive(directive) => {
                    let directive = &directive.node;
                    if directive.locations.iter().any(|location| location.node == DirectiveLocation::Field) {
                        let arguments = index.inputs(&directive.arguments)?;
                        index.directives.insert(directive.name.node.as_str().into(), arguments);
                    }
                }
                TypeSystemDefinition::Type(_) => {}
            }
        }
        Ok(index)
    }

    fn insert(&mut self, name: &str, kind: Kind) {
        self.by_name.insert(name.into(), TypeId(self.types.len()));
        self.types.push(Named {
            name: name.into(),
            kind,
            members: Vec::new(),
            weight: 0,
            max_age: 0,
            weighs: false,
            has_secret: false,
        });
    }

    fn named(&self, name: &str) -> Result<TypeId, SchemaError> {
        self.find(name).ok_or_else(|| SchemaError(format!("unknown type {name}")))
    }

    fn set_members(&mut self, id: TypeId, kind: &TypeKind) -> Result<(), SchemaError> {
        match kind {
            TypeKind::Object(object) => {
                self.types[id.0].members.push(id);
                for interface in &object.implements {
                    let interface = self.named(&interface.node)?;
                    self.types[interface.0].members.push(id);
                }
            }
            TypeKind::Union(union) => {
                let members = union.members.iter().map(|member| self.named(&member.node));
                self.types[id.0].members = members.collect::<Result<_, _>>()?;
            }
            TypeKind::Scalar | TypeKind::Interface(_) | TypeKind::Enum(_) | TypeKind::InputObject(_) => {}
        }
        Ok(())
    }

    /// Marks the input objects that have such a field. They may hold each other in circles: marked until nothing changes any more.
    fn mark(&mut self, mark: fn(&mut Named) -> &mut bool, is_such: fn(&Self, &str, &InputField) -> bool) {
        loop {
            let found: Vec<usize> = (0..self.types.len())
                .filter(|at| match &self.types[*at].kind {
                    Kind::Input(fields) => fields.iter().any(|(name, field)| is_such(self, name, field)),
                    _ => false,
                })
                .collect();
            let mut is_new = false;
            for at in found {
                is_new |= !std::mem::replace(mark(&mut self.types[at]), true);
            }
            if !is_new {
                return;
            }
        }
    }

    fn kind_of(&self, name: &str, kind: &TypeKind, check: Option<ScalarCheck>) -> Result<Kind, SchemaError> {
        Ok(match kind {
            TypeKind::Scalar => Kind::Scalar(check),
            TypeKind::Object(object) => Kind::Output(self.outputs(name, &object.fields)?),
            TypeKind::Interface(interface) => Kind::Output(self.outputs(name, &interface.fields)?),
            TypeKind::Union(_) => Kind::Output(HashMap::new()),
            TypeKind::Enum(values) => {
                Kind::Enum(values.values.iter().map(|v| v.node.value.node.as_str().into()).collect())
            }
            TypeKind::InputObject(input) => Kind::Input(self.inputs(&input.fields)?),
        })
    }

    fn outputs(
        &self,
        owner: &str,
        fields: &[Positioned<FieldDefinition>],
    ) -> Result<HashMap<Box<str>, OutputField>, SchemaError> {
        // Introspection is priced by its fields.
        let usual = (is_of_introspection(owner) && owner != "__Root").then_some(1);
        fields
            .iter()
            .map(|field| {
                let ty = self.resolve(&field.node.ty.node).map_err(SchemaError)?;
                let output = OutputField {
                    arguments: self.inputs(&field.node.arguments)?,
                    ty: ty.innermost(),
                    is_list: matches!(ty.base, Base::List(_)),
                    weight: hints::weight(&field.node.directives)?.or(usual),
                    size: hints::list_size(&field.node)?,
                };
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
                    weight: hints::weight(&field.node.directives)?.unwrap_or(0),
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

fn is_of_introspection(name: &str) -> bool {
    name.starts_with("__")
}
