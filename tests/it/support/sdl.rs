//! Looking through the schema, so that a test can ask whether it has thought of everything.

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
};

/// An output field: `Product.store`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Coordinate {
    pub owner: String,
    pub field: String,
    /// The type that it gives, without lists and non-null.
    pub gives: String,
}

impl std::fmt::Display for Coordinate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.owner, self.field)
    }
}

fn types() -> Vec<TypeDefinition> {
    let definitions = parse_schema(storefront::graphql::sdl()).unwrap().definitions;
    definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => Some(definition.node),
            _ => None,
        })
        .collect()
}

/// The type without lists and non-null.
fn named_type(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(item) => named_type(item),
    }
}

/// Every field of every object type.
pub fn fields() -> Vec<Coordinate> {
    let mut found = Vec::new();
    for definition in types() {
        let TypeKind::Object(object) = &definition.kind else { continue };
        let owner = definition.name.node.to_string();
        let coordinate = |field: &FieldDefinition| Coordinate {
            owner: owner.clone(),
            field: field.name.node.to_string(),
            gives: named_type(&field.ty.node),
        };
        found.extend(object.fields.iter().map(|field| coordinate(&field.node)));
    }
    found
}

/// A literal with the required fields of the input of a mutation, sound in form.
pub fn minimal_input(mutation: &str) -> String {
    let types = types();
    let find = |name: &str| types.iter().find(|ty| ty.name.node == name);
    let Some(TypeKind::Object(root)) = find("Mutation").map(|ty| &ty.kind) else { panic!("no mutations") };
    let field = root.fields.iter().find(|field| field.node.name.node == mutation).unwrap();
    let input = named_type(&field.node.arguments[0].node.ty.node);
    let Some(TypeKind::InputObject(input)) = find(&input).map(|ty| &ty.kind) else { panic!("{mutation} has no input") };
    let required: Vec<String> = input.fields.iter().filter_map(|field| required_literal(&field.node)).collect();
    format!("{{ {} }}", required.join(", "))
}

fn required_literal(field: &InputValueDefinition) -> Option<String> {
    if field.ty.node.nullable || field.default_value.is_some() {
        return None;
    }
    let literal = match (&field.ty.node.base, named_type(&field.ty.node).as_str()) {
        (BaseType::List(_), _) => "[]",
        (_, "ID") => r#""AQAAAAAAAAAAAAAAAAAAAAA""#,
        (_, "Int") => "1",
        (_, "Decimal") => r#""1.00""#,
        (_, "CurrencyCode") => r#""EUR""#,
        _ => r#""some-text@example""#,
    };
    Some(format!("{}: {literal}", field.name.node))
}
