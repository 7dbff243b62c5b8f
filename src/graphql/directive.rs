//! The directives that print in the schema what its parts cost, how long its lists are taken to be and how long an answer may be
//! kept. What they say is what is charged: `execution` reads it from the printed schema.
//!
//! `cost` and `listSize` are those of the GraphQL Cost Directives Specification. The types in upper case put one of them on a part of
//! the schema, each with the arguments that its use here needs.

use async_graphql::TypeDirective;
use async_graphql::registry::{MetaDirectiveInvocation, Registry, location_traits};

/// What this costs, in points. An object costs 1 where nothing else is said, a scalar nothing; a weight at a field stands for the
/// weight of its type. A weight at an argument or input field counts when a value is given: once, or for each object of a list
/// of objects; that of an argument that is `false` does not count.
#[TypeDirective(
    name = "cost",
    location = "ArgumentDefinition",
    location = "FieldDefinition",
    location = "InputFieldDefinition",
    location = "Object"
)]
fn cost(weight: String) {}

/// How long a list is taken to be: as long as the slicing argument says (a number, or the length of a list), or else as long as is
/// assumed. With `sizedFields`, it is these fields of the answer that are so long.
#[TypeDirective(name = "listSize", location = "FieldDefinition")]
fn list_size(
    assumed_size: Option<i32>,
    slicing_arguments: Option<Vec<String>>,
    sized_fields: Option<Vec<String>>,
    require_one_slicing_argument: Option<bool>,
) {
}

/// For how many seconds HTTP caches may keep an answer that holds one of these, when nobody in particular asked; 0 is not at all, as is
/// a type that says nothing. The smallest number in an answer counts.
#[TypeDirective(name = "cacheControl", location = "Object")]
fn cache_control(max_age: i32) {}

/// `@cost`.
pub struct Weight;

impl Weight {
    pub fn apply(points: u32) -> MetaDirectiveInvocation {
        cost::apply(points.to_string())
    }
}

/// `@listSize` of a connection field.
pub struct PageSize;

impl PageSize {
    pub fn apply() -> MetaDirectiveInvocation {
        let texts = |texts: [&str; 2]| Some(texts.map(str::to_owned).to_vec());
        list_size::apply(None, texts(["first", "last"]), texts(["nodes", "edges"]), Some(false))
    }
}

/// `@listSize` of a list that has no argument for its size.
pub struct AssumedSize;

impl AssumedSize {
    pub fn apply(size: i32) -> MetaDirectiveInvocation {
        list_size::apply(Some(size), None, None, None)
    }
}

/// `@listSize` of a list that has as many items as an argument says, or one for each of the argument's.
pub struct SizeOf;

impl SizeOf {
    pub fn apply(argument: &str) -> MetaDirectiveInvocation {
        list_size::apply(None, Some(vec![argument.to_owned()]), None, None)
    }
}

/// `@cacheControl`.
pub struct MaxAge;

impl MaxAge {
    pub fn apply(secs: u32) -> MetaDirectiveInvocation {
        cache_control::apply(i32::try_from(secs).unwrap_or(i32::MAX))
    }
}

macro_rules! stands_for {
    ($($name:ident is $directive:ident at $($location:ident),+;)+) => {$(
        impl TypeDirective for $name {
            fn name(&self) -> std::borrow::Cow<'static, str> {
                $directive.name()
            }

            fn register(&self, registry: &mut Registry) {
                $directive.register(registry);
            }
        }

        $(impl location_traits::$location for $name {})+
    )+};
}

stands_for! {
    Weight is cost at Directive_At_ARGUMENT_DEFINITION, Directive_At_FIELD_DEFINITION, Directive_At_INPUT_FIELD_DEFINITION, Directive_At_OBJECT;
    PageSize is list_size at Directive_At_FIELD_DEFINITION;
    AssumedSize is list_size at Directive_At_FIELD_DEFINITION;
    SizeOf is list_size at Directive_At_FIELD_DEFINITION;
    MaxAge is cache_control at Directive_At_OBJECT;
}
