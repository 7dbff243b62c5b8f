//! A look at the text before it is parsed: the parser recurses once per bracket and walks every token, so both are counted first,
//! by the lexical grammar of the specification ("Lexical Tokens"). Strings, block strings and comments hide what they hold.

use async_graphql::Pos;

use super::error::{RequestError, RequestErrorKind};
use super::limits::{Limits, MAX_BRACKETS, MAX_NAME_BYTES};

/// Checks the number of tokens, the depth of brackets and the length of names. Linear, allocates nothing.
///
/// # Errors
/// A limit, or a string that does not end.
pub(crate) fn check(text: &str, limits: &Limits) -> Result<(), RequestError> {
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut brackets) = (0, 0u32, 0u32);
    while at < bytes.len() {
        let start = at;
        match bytes[at] {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => {
                at += 1;
                continue;
            }
            b'#' => {
                at = end_of_line(bytes, at);
                continue;
            }
            0xEF if bytes[at..].starts_with("\u{feff}".as_bytes()) => {
                at += 3;
                continue;
            }
            b'"' => {
                at = end_of_string(bytes, at).ok_or_else(|| {
                    RequestError::new(
                        RequestErrorKind::Syntax,
                        "syntax error: this string does not end",
                        vec![position(text, start)],
                    )
                })?;
            }
            b'{' | b'[' | b'(' => {
                brackets += 1;
                if brackets > MAX_BRACKETS {
                    return Err(RequestError::limit("bracket depth", brackets, MAX_BRACKETS, position(text, start)));
                }
                at += 1;
            }
            b'}' | b']' | b')' => {
                brackets = brackets.saturating_sub(1);
                at += 1;
            }
            b'.' if bytes[at..].starts_with(b"...") => at += 3,
            b'-' | b'0'..=b'9' => {
                at += 1;
                at += bytes[at..].iter().take_while(|b| is_word(**b) || matches!(b, b'.' | b'+' | b'-')).count();
            }
            byte if is_word(byte) => {
                at += bytes[at..].iter().take_while(|b| is_word(**b)).count();
                let length = u32::try_from(at - start).unwrap_or(u32::MAX);
                if length > MAX_NAME_BYTES {
                    return Err(RequestError::limit("name length", length, MAX_NAME_BYTES, position(text, start)));
                }
            }
            _ => at += 1,
        }
        tokens += 1;
        if tokens > limits.tokens {
            return Err(RequestError::new(
                RequestErrorKind::Limit,
                format!("token count is over the maximum of {}", limits.tokens),
                vec![position(text, start)],
            ));
        }
    }
    Ok(())
}

/// Bytes of names.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map_or(bytes.len(), |length| from + length)
}

/// Just after the string or block string that begins at `from`; none if it does not end.
fn end_of_string(bytes: &[u8], from: usize) -> Option<usize> {
    let block = bytes[from..].starts_with(b"\"\"\"");
    let mut at = from + if block { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if block && bytes[at + 1..].starts_with(b"\"\"\"") => at += 4,
            b'"' if block && bytes[at..].starts_with(b"\"\"\"") => return Some(at + 3),
            b'"' if !block => return Some(at + 1),
            b'\n' | b'\r' if !block => return None,
            b'\\' if !block => at += 2,
            _ => at += 1,
        }
    }
    None
}

/// One-based line and column, in characters, of a byte of the text.
fn position(text: &str, at: usize) -> Pos {
    let before = &text[..text.floor_char_boundary(at)];
    let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    Pos { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}
