//! The schema as front-end developers get it: checked in, described, and mostly non-null.

use std::path::Path;

use async_graphql::parser::types::{FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition};
use async_graphql::parser::{Positioned, parse_schema};

fn checked_in(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn the_checked_in_schema_is_the_one_that_is_served() {
    let served = storefront::graphql::sdl();

    assert!(
        served == checked_in("schema.graphql"),
        "schema.graphql has drifted: run `cargo run -- schema > schema.graphql` and look at the difference"
    );
}

#[test]
fn everything_in_the_schema_is_described() {
    let sdl = storefront::graphql::sdl();
    let mut bare = Vec::new();

    for definition in parse_schema(&sdl).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = &definition.node.name.node;
        if definition.node.description.is_none() {
            bare.push(name.to_string());
        }
        match &definition.node.kind {
            TypeKind::Object(object) => bare.extend(undescribed_fields(name, &object.fields)),
            TypeKind::Interface(interface) => bare.extend(undescribed_fields(name, &interface.fields)),
            TypeKind::InputObject(input) => bare.extend(undescribed_inputs(name, &input.fields)),
            TypeKind::Enum(values) => bare.extend(
                values
                    .values
                    .iter()
                    .filter(|value| value.node.description.is_none())
                    .map(|value| format!("{name}.{}", value.node.value)),
            ),
            TypeKind::Scalar | TypeKind::Union(_) => {}
        }
    }

    assert_eq!(bare, Vec::<String>::new());
}

fn undescribed_fields(owner: &str, fields: &[Positioned<FieldDefinition>]) -> Vec<String> {
    let mut bare = Vec::new();
    for field in fields {
        let name = format!("{owner}.{}", field.node.name.node);
        bare.extend(undescribed_inputs(&name, &field.node.arguments));
        if field.node.description.is_none() {
            bare.push(name);
        }
    }
    bare
}

fn undescribed_inputs(owner: &str, inputs: &[Positioned<InputValueDefinition>]) -> Vec<String> {
    inputs
        .iter()
        .filter(|input| input.node.description.is_none())
        .map(|input| format!("{owner}.{}", input.node.name.node))
        .collect()
}

#[test]
fn at_least_seven_of_ten_output_fields_are_non_null() {
    let sdl = storefront::graphql::sdl();
    let fields: Vec<bool> = parse_schema(&sdl)
        .unwrap()
        .definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(definition) => match definition.node.kind {
                TypeKind::Object(object) => Some(object.fields),
                _ => None,
            },
            _ => None,
        })
        .flatten()
        .map(|field| !field.node.ty.node.nullable)
        .collect();
    let non_null = fields.iter().filter(|non_null| **non_null).count();

    assert!(non_null * 10 >= fields.len() * 7, "{non_null} of {} output fields are non-null", fields.len());
}
