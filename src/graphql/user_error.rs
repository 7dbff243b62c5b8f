//! `userErrors`: the refusals of a write as each noun's payload shows them.

/// Declares a noun's user error type and its code enum. The codes are the [`crate::refusal::Reason`]s that the noun's writes can meet;
/// `Invalid` must be among them and stands in for one that is missing.
macro_rules! user_error {
    ($noun:literal, $error:ident, $code:ident { $($(#[doc = $doc:literal])+ $reason:ident,)+ }) => {
        #[doc = concat!("Why a ", $noun, " was not written.")]
        #[derive(async_graphql::SimpleObject, Clone)]
        #[graphql(directive = $crate::graphql::Weight::apply(0))]
        pub struct $error {
            /// The path of the input field that was refused, beginning with `input`; null when it is about no single field.
            pub field: Option<Vec<String>>,
            /// What was refused and what would be accepted, in words for a developer.
            pub message: String,
            /// The reason, for programs.
            pub code: $code,
        }

        #[doc = concat!("The reasons why a ", $noun, " is not written.")]
        #[derive(async_graphql::Enum, Clone, Copy, PartialEq, Eq)]
        pub enum $code {
            $($(#[doc = $doc])+ $reason,)+
        }

        impl From<$crate::refusal::Refusal> for $error {
            fn from(refusal: $crate::refusal::Refusal) -> Self {
                let code = match refusal.reason {
                    $($crate::refusal::Reason::$reason => $code::$reason,)+
                    #[allow(unreachable_patterns, reason = "a noun may name every reason there is")]
                    _ => $code::Invalid,
                };
                Self { field: Some(refusal.field), message: refusal.message, code }
            }
        }
    };
}

pub(crate) use user_error;
