//! A look at the text before it is parsed: the parser recurses once per bracket and walks every token, so both are counted first,
//! by the lexical grammar of the specification ("Lexical Tokens"). Strings, block strings and comments hide what they hold.

use std::borrow::Cow;

use async_graphql::Pos;

use super::error::{RequestError, RequestErrorKind};
use super::limits::{Limits, MAX_BRACKETS, MAX_NAME_BYTES};

/// A lexical token, and where it begins.
#[derive(Clone, Copy)]
struct Token<'a> {
    at: usize,
    text: &'a str,
    /// A string that does not end takes the rest of the text.
    is_open: bool,
}

/// The tokens of a document that say something: no white space, commas and comments.
pub fn tokens(text: &str) -> impl Iterator<Item = &str> {
    Tokens { text, at: 0 }.map(|token| token.text)
}

/// Checks the number of tokens, the depth of brackets and the length of names. Linear, allocates nothing.
///
/// # Errors
/// A limit, or a string that does not end.
pub(crate) fn check(text: &str, limits: &Limits) -> Result<(), RequestError> {
    let (mut tokens, mut brackets) = (0u32, 0u32);
    for token in (Tokens { text, at: 0 }) {
        let place = || position(text, token.at);
        if token.is_open {
            let reason = "syntax error: this string does not end";
            return Err(RequestError::new(RequestErrorKind::Syntax, reason, vec![place()]));
        }
        match token.text.as_bytes()[0] {
            b'{' | b'[' | b'(' => {
                brackets += 1;
                if brackets > MAX_BRACKETS {
                    return Err(RequestError::limit("bracket depth", brackets, MAX_BRACKETS, place()));
                }
            }
            b'}' | b']' | b')' => brackets = brackets.saturating_sub(1),
            byte if is_word(byte) && !byte.is_ascii_digit() => {
                let length = u32::try_from(token.text.len()).unwrap_or(u32::MAX);
                if length > MAX_NAME_BYTES {
                    return Err(RequestError::limit("name length", length, MAX_NAME_BYTES, place()));
                }
            }
            _ => {}
        }
        tokens += 1;
        if tokens > limits.tokens {
            let reason = format!("token count is over the maximum of {}", limits.tokens);
            return Err(RequestError::new(RequestErrorKind::Limit, reason, vec![place()]));
        }
    }
    Ok(())
}

/// The text without its comments. The parser would read each of them once for every rule that it tries at that place. A comment ends with
/// its line, so that everything else stays where it is.
pub(crate) fn without_comments(text: &str) -> Cow<'_, str> {
    if !text.contains('#') {
        return text.into();
    }
    let mut kept = String::with_capacity(text.len());
    let mut end = 0;
    for token in (Tokens { text, at: 0 }) {
        keep_blanks(&text[end..token.at], &mut kept);
        kept.push_str(token.text);
        end = token.at + token.text.len();
    }
    keep_blanks(&text[end..], &mut kept);
    kept.into()
}

/// Keeps what is before, between and behind the comments.
fn keep_blanks(text: &str, kept: &mut String) {
    for line in text.split_inclusive(['\n', '\r']) {
        let blanks = line.find('#').unwrap_or(line.len());
        kept.push_str(&line[..blanks]);
        kept.extend(line[blanks..].chars().next_back().filter(|end| matches!(end, '\n' | '\r')));
    }
}

struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        loop {
            let rest = bytes.get(self.at..)?;
            match rest.first()? {
                b' ' | b'\t' | b'\r' | b'\n' | b',' => self.at += 1,
                b'#' => self.at = end_of_line(bytes, self.at),
                0xEF if rest.starts_with("\u{feff}".as_bytes()) => self.at += 3,
                _ => break,
            }
        }
        let at = self.at;
        let rest = &bytes[at..];
        let words = |from: usize| rest[from..].iter().take_while(|byte| is_word(**byte)).count();
        let (length, is_open) = match rest[0] {
            b'"' => match end_of_string(bytes, at) {
                Some(end) => (end - at, false),
                None => (rest.len(), true),
            },
            b'.' if rest.starts_with(b"...") => (3, false),
            b'-' | b'0'..=b'9' => {
                let of_number = |byte: &&u8| is_word(**byte) || matches!(byte, b'.' | b'+' | b'-');
                (1 + rest[1..].iter().take_while(of_number).count(), false)
            }
            byte if is_word(byte) => (words(0), false),
            // A character that GraphQL has no use for may be of several bytes.
            _ => (self.text[at..].chars().next().map_or(1, char::len_utf8), false),
        };
        self.at = at + length;
        Some(Token { at, text: &self.text[at..self.at], is_open })
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places(text: &str) -> Vec<(&str, Pos)> {
        Tokens { text, at: 0 }.map(|token| (token.text, position(text, token.at))).collect()
    }

    #[test]
    fn comments_are_left_out_where_they_are_some() {
        for (text, kept) in [
            ("{ a } # b", "{ a } "),
            ("#\n#\r\n{ a#b\n#c\n}", "\n\r\n{ a\n\n}"),
            ("{ a(b: \"#\") } #\"", "{ a(b: \"#\") } "),
            ("{ a(b: \"\"\"\n#\n\"\"\") #\"\"\"\n }", "{ a(b: \"\"\"\n#\n\"\"\") \n }"),
            ("\u{feff}# \u{1fa91}\r{ a }", "\u{feff}\r{ a }"),
        ] {
            assert_eq!(without_comments(text), kept);
        }
    }

    proptest! {
        #[test]
        fn everything_but_comments_stays_in_its_place(text in "[#\"\\\\\n\r\u{feff}, a{}1\u{1fa91}]{0,60}") {
            let kept = without_comments(&text);

            prop_assert_eq!(places(&kept), places(&text));
            prop_assert!(kept.len() <= text.len());
            prop_assert_eq!(without_comments(&kept), kept.clone());
        }
    }
}
