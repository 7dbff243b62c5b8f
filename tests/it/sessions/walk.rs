//! The schema as a graph: which fields lead to what belongs to somebody, and documents that follow all of them.
//!
//! Every field of such a document has an alias that names its place, `Order_items: items`: so an answer tells which fields it has come by.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition};
use serde_json::Value;

/// What belongs to somebody.
pub const OWNED: [&str; 5] = ["Order", "OrderItem", "Session", "User", "Viewer"];

/// How deep a survey goes.
const FAR: usize = 8;

pub struct Schema {
    types: BTreeMap<String, Kind>,
    /// The types from which fields lead to what belongs to somebody, and those themselves.
    leading: BTreeSet<String>,
}

enum Kind {
    Object(Vec<Field>),
    /// An interface or a union, by the types that it may be.
    OneOf(Vec<String>),
    /// A scalar or an enum.
    Leaf,
}

struct Field {
    name: String,
    /// The type that it gives, without lists and non-null.
    gives: String,
    arguments: Vec<String>,
    needs_arguments: bool,
}

impl Schema {
    pub fn served() -> Self {
        let definitions = parse_schema(storefront::graphql::sdl()).unwrap().definitions;
        let definitions: Vec<_> = definitions
            .into_iter()
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(definition) => Some(definition.node),
                _ => None,
            })
            .collect();
        let implementors = |interface: &str| {
            let implements = |kind: &TypeKind| match kind {
                TypeKind::Object(object) => object.implements.iter().any(|name| name.node == interface),
                _ => false,
            };
            let found = definitions.iter().filter(|definition| implements(&definition.kind));
            found.map(|definition| definition.name.node.to_string()).collect()
        };
        let mut types = BTreeMap::new();
        for definition in &definitions {
            let name = definition.name.node.to_string();
            let kind = match &definition.kind {
                TypeKind::Object(object) => Kind::Object(object.fields.iter().map(|field| read(&field.node)).collect()),
                TypeKind::Interface(_) => Kind::OneOf(implementors(&name)),
                TypeKind::Union(union) => Kind::OneOf(union.members.iter().map(|name| name.node.to_string()).collect()),
                TypeKind::Scalar | TypeKind::Enum(_) => Kind::Leaf,
                TypeKind::InputObject(_) => continue,
            };
            types.insert(name, kind);
        }
        for scalar in ["ID", "Int", "Float", "String", "Boolean"] {
            types.insert(scalar.to_owned(), Kind::Leaf);
        }
        let leading = leading(&types);
        Self { types, leading }
    }

    /// The object types.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        self.types.iter().filter(|(_, kind)| matches!(kind, Kind::Object(_))).map(|(name, _)| name.as_str())
    }

    /// Whether it belongs to somebody, or fields lead there from it.
    pub fn leads(&self, ty: &str) -> bool {
        self.leading.contains(ty)
    }

    /// Every field that leads to what belongs to somebody: `Order_items`.
    pub fn ways(&self) -> BTreeSet<String> {
        let objects = self.types.keys().flat_map(|ty| self.fields(ty).iter().map(move |field| (ty, field)));
        objects.filter(|(_, field)| self.leads(&field.gives)).map(|(ty, field)| place(ty, field)).collect()
    }

    /// The root fields of a type.
    pub fn roots(&self, root: &str) -> Vec<String> {
        self.fields(root).iter().map(|field| field.name.clone()).collect()
    }

    /// A root field with arguments, and all that can be selected below it.
    pub fn document(&self, root: &str, field: &str, arguments: &str) -> String {
        let found = self.fields(root).iter().find(|found| found.name == field);
        let found = found.unwrap_or_else(|| panic!("{root} has no {field}"));
        let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
        let selection = self.selection(&found.gives, &mut vec![place(root, found)]);
        format!("{} {{ {}: {field}{arguments} {selection} }}", root.to_lowercase(), place(root, found))
    }

    /// The same with all fields that can be reached, of each type once and not too far away.
    pub fn survey(&self, root: &str, field: &str, arguments: &str) -> String {
        let found = self.fields(root).iter().find(|found| found.name == field).unwrap();
        let arguments = if arguments.is_empty() { String::new() } else { format!("({arguments})") };
        let selection = self.all(&found.gives, FAR, &mut BTreeSet::new());
        format!("{} {{ {}: {field}{arguments} {selection} }}", root.to_lowercase(), place(root, found))
    }

    fn all(&self, ty: &str, depth: usize, seen: &mut BTreeSet<String>) -> String {
        match &self.types[ty] {
            Kind::Leaf => String::new(),
            Kind::OneOf(types) => {
                let parts: Vec<String> =
                    types.iter().map(|ty| format!("... on {ty} {}", self.all(ty, depth, seen))).collect();
                format!("{{ __typename {} }}", parts.join(" "))
            }
            Kind::Object(fields) => {
                let mut parts = vec!["__typename".to_owned()];
                for field in fields.iter().filter(|field| !field.needs_arguments) {
                    let is_leaf = matches!(self.types[&field.gives], Kind::Leaf);
                    if !is_leaf && depth == 0 || !seen.insert(place(ty, field)) {
                        continue;
                    }
                    let selection = self.all(&field.gives, depth.saturating_sub(1), seen);
                    parts.push(format!("{}: {}{} {selection}", place(ty, field), field.name, field.first()));
                }
                format!("{{ {} }}", parts.join(" "))
            }
        }
    }

    /// The fields that an answer to such a document has come by: those that gave something.
    pub fn come_by(value: &Value, by: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| Self::come_by(item, by)),
            Value::Object(fields) => {
                for (place, value) in fields {
                    let gives = match value {
                        Value::Null => false,
                        Value::Array(items) => items.iter().any(|item| !item.is_null()),
                        _ => true,
                    };
                    if gives {
                        by.insert(place.clone());
                    }
                    Self::come_by(value, by);
                }
            }
            _ => {}
        }
    }

    /// Everything below a type: what leads on is followed, each field once on a way; of all else what it says of itself.
    fn selection(&self, ty: &str, way: &mut Vec<String>) -> String {
        match &self.types[ty] {
            Kind::Leaf => String::new(),
            Kind::OneOf(types) => {
                let parts = types.iter().map(|ty| format!("... on {ty} {}", self.selection(ty, way)));
                format!("{{ __typename {} }}", parts.collect::<Vec<_>>().join(" "))
            }
            Kind::Object(fields) => {
                let mut parts = vec!["__typename".to_owned()];
                for field in fields.iter().filter(|field| !field.needs_arguments) {
                    let place = place(ty, field);
                    let is_leaf = matches!(self.types[&field.gives], Kind::Leaf);
                    let is_of_the_way = self.leads(ty);
                    if way.contains(&place) || !is_leaf && !is_of_the_way {
                        continue;
                    }
                    way.push(place.clone());
                    let selection = self.selection(&field.gives, way);
                    parts.push(format!("{place}: {}{} {selection}", field.name, field.first()));
                    way.pop();
                }
                format!("{{ {} }}", parts.join(" "))
            }
        }
    }

    fn fields(&self, ty: &str) -> &[Field] {
        match &self.types[ty] {
            Kind::Object(fields) => fields,
            _ => &[],
        }
    }
}

impl Field {
    /// A few will do of what comes page by page.
    fn first(&self) -> &'static str {
        if self.arguments.iter().any(|name| name == "first") { "(first: 3)" } else { "" }
    }
}

fn place(ty: &str, field: &Field) -> String {
    format!("{ty}_{}", field.name)
}

fn read(field: &FieldDefinition) -> Field {
    let is_needed = |ty: &Type, has_default: bool| !ty.nullable && !has_default;
    let arguments = || field.arguments.iter().map(|argument| &argument.node);
    Field {
        name: field.name.node.to_string(),
        gives: named_type(&field.ty.node),
        arguments: arguments().map(|argument| argument.name.node.to_string()).collect(),
        needs_arguments: arguments().any(|argument| is_needed(&argument.ty.node, argument.default_value.is_some())),
    }
}

/// The type without lists and non-null.
fn named_type(ty: &Type) -> String {
    match &ty.base {
        BaseType::Named(name) => name.to_string(),
        BaseType::List(item) => named_type(item),
    }
}

/// Goes on until no type is added.
fn leading(types: &BTreeMap<String, Kind>) -> BTreeSet<String> {
    let mut leading: BTreeSet<String> = OWNED.map(str::to_owned).into();
    loop {
        let leads = |kind: &Kind| match kind {
            Kind::Leaf => false,
            Kind::OneOf(types) => types.iter().any(|ty| leading.contains(ty)),
            Kind::Object(fields) => fields.iter().any(|field| leading.contains(&field.gives)),
        };
        let added: Vec<String> = types
            .iter()
            .filter(|(name, kind)| !leading.contains(*name) && leads(kind))
            .map(|(name, _)| name.clone())
            .collect();
        if added.is_empty() {
            return leading;
        }
        leading.extend(added);
    }
}
