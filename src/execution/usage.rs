//! The rules about the variables of an operation: defined, used, of input types, and used only where their types fit.

use std::collections::HashMap;

use async_graphql::{Name, Pos, Positioned};
use async_graphql_parser::types::OperationDefinition;

use super::error::RequestError;
use super::literal::Literals;
use super::types::{Base, TypeIndex, TypeRef};
use super::validation::Findings;

/// "All Variables Used", "All Variable Uses Defined", "All Variable Usages Are Allowed" and "Variables Are Input Types".
pub(crate) fn check_variables<'a>(
    types: &'a TypeIndex,
    findings: &Findings<'a>,
    name: Option<&Name>,
    operation: &'a Positioned<OperationDefinition>,
) -> Vec<RequestError> {
    let of = name.map_or(String::new(), |name| format!(" of operation {name}"));
    let usages = findings.usages(name.map(Name::as_str));
    let mut errors = Vec::new();
    let mut defined: HashMap<&Name, (bool, bool, Option<TypeRef>, Pos)> = HashMap::new();
    for variable in &operation.node.variable_definitions {
        let definition = &variable.node;
        let ty = match types.resolve(&definition.var_type.node) {
            Ok(ty) if types.kind(ty.innermost()).is_input() => Some(ty),
            Ok(_) | Err(_) => {
                errors.push(RequestError::validation(
                    format!(
                        "variable ${}: {} is no input type of this schema",
                        definition.name.node, definition.var_type.node
                    ),
                    variable.pos,
                ));
                None
            }
        };
        if let (Some(ty), Some(default)) = (&ty, &definition.default_value) {
            let value = default.node.clone().into_value();
            let mut places = usages.iter().filter(|usage| *usage.variable == definition.name.node).peekable();
            let is_secret = places.peek().is_none() || places.any(|usage| usage.is_secret);
            Literals { types, pos: default.pos, is_secret, usages: &mut Vec::new(), errors: &mut errors }.value(
                &value,
                ty,
                false,
                false,
                &format!("default of variable ${}", definition.name.node),
            );
        }
        let default = definition.default_value.as_ref();
        let has_default = default.is_some_and(|d| d.node != async_graphql::Value::Null);
        defined.insert(&definition.name.node, (false, has_default, ty, variable.pos));
    }
    for usage in usages {
        let variable = usage.variable;
        let Some((used, has_default, ty, pos)) = defined.get_mut(variable) else {
            errors.push(RequestError::validation(format!("variable ${variable} is not defined{of}"), usage.pos));
            continue;
        };
        *used = true;
        let (Some(ty), Some((place, place_has_default))) = (ty, usage.expected) else {
            continue;
        };
        let mut held = ty.clone();
        held.non_null |= *has_default || place_has_default;
        if !fits(&held, place) {
            let mut error = RequestError::validation(
                format!(
                    "variable ${variable} of type {} is used where {} is expected",
                    types.text(ty),
                    types.text(place)
                ),
                *pos,
            );
            error.locations.push(usage.pos);
            errors.push(error);
        }
    }
    for (name, (used, _, _, pos)) in defined {
        if !used {
            let message = format!("variable ${name}{of} is not used");
            errors.push(RequestError::validation(message, pos));
        }
    }
    errors
}

/// "AreTypesCompatible".
fn fits(variable: &TypeRef, place: &TypeRef) -> bool {
    (variable.non_null || !place.non_null)
        && match (&variable.base, &place.base) {
            (Base::Named(variable), Base::Named(place)) => variable == place,
            (Base::List(variable), Base::List(place)) => fits(variable, place),
            _ => false,
        }
}
