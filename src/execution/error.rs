//! Errors of a request that is refused before anything executes, by what was wrong with it. Always the client's fault: the transport
//! gives them a code of the closed list. Bounded in number and size, because their texts quote what the client sent.

use std::fmt::{self, Display, Formatter, Write};

use async_graphql::{Pos, ServerError};

use super::limits::Limits;

/// What was wrong with a refused request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestErrorKind {
    /// The text is not GraphQL.
    Syntax,
    /// A limit on the document is exceeded.
    Limit,
    /// The operation to run cannot be told, or cannot be run here.
    Operation,
    /// The document does not fit the schema.
    Validation,
    /// A variable's value does not fit its declared type.
    Variable,
    /// The operation costs more than one may.
    Cost,
}

/// One reason why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestError {
    pub kind: RequestErrorKind,
    pub message: String,
    /// One-based places in the document; empty for variables and operation names.
    pub locations: Vec<Pos>,
}

impl RequestError {
    pub(crate) fn new(kind: RequestErrorKind, message: impl Into<String>, locations: Vec<Pos>) -> Self {
        Self { kind, message: message.into(), locations }
    }

    pub(crate) fn limit(what: &str, found: u32, maximum: u32, pos: Pos) -> Self {
        Self::new(RequestErrorKind::Limit, format!("{what} {found} is over the maximum of {maximum}"), vec![pos])
    }

    pub(crate) fn validation(message: impl Into<String>, pos: Pos) -> Self {
        Self::new(RequestErrorKind::Validation, message, vec![pos])
    }
}

/// Why a request was refused: one error or more, in the order of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestErrors(Vec<RequestError>);

impl RequestErrors {
    /// Sorts by place and text, since the parsed document is kept in hash maps and yields its errors in any order.
    pub(crate) fn sorted(mut errors: Vec<RequestError>) -> Self {
        errors.sort_by(|a, b| (&a.locations, &a.message).cmp(&(&b.locations, &b.message)));
        errors.dedup();
        Self(errors)
    }

    pub(crate) fn in_order(errors: Vec<RequestError>) -> Self {
        Self(errors)
    }

    /// Keeps to the number of errors and the bytes of each that are answered.
    pub(crate) fn cut(mut self, limits: &Limits) -> Self {
        self.0.truncate(limits.errors as usize);
        for RequestError { message, .. } in &mut self.0 {
            let most = limits.error_bytes as usize;
            if message.len() > most {
                message.truncate(message.floor_char_boundary(most.saturating_sub('…'.len_utf8())));
                message.push('…');
            }
        }
        self
    }

    /// The errors in order, never empty.
    pub fn iter(&self) -> std::slice::Iter<'_, RequestError> {
        self.0.iter()
    }
}

impl From<RequestError> for RequestErrors {
    fn from(error: RequestError) -> Self {
        Self(vec![error])
    }
}

impl From<RequestErrors> for Vec<ServerError> {
    fn from(errors: RequestErrors) -> Self {
        errors
            .0
            .into_iter()
            .map(|error| {
                let mut server_error = ServerError::new(error.message, None);
                server_error.locations = error.locations;
                server_error
            })
            .collect()
    }
}

impl Display for RequestErrors {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { "; " })?;
            f.write_str(&error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for RequestErrors {}

/// The text of a value the client sent, cut to about 60 characters without writing the rest of it.
pub(crate) fn shortened(value: &dyn Display) -> String {
    struct Short {
        text: String,
        left: usize,
    }
    impl Write for Short {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            for c in part.chars() {
                if self.left == 0 {
                    self.text.push('…');
                    return Err(fmt::Error);
                }
                self.left -= 1;
                self.text.push(c);
            }
            Ok(())
        }
    }
    let mut short = Short { text: String::new(), left: 60 };
    // The only error is the one that ends the text early.
    let _ = write!(short, "{value}");
    short.text
}
