//! Texts of clients on their way into a message: cut where they get long.

/// The longest value that a message repeats, in characters.
const LONGEST_VALUE: usize = 60;

/// A client's value, cut where it gets long.
pub fn shorten(value: &str) -> String {
    match value.char_indices().nth(LONGEST_VALUE) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

/// A whole message, cut to so many bytes.
pub fn cut(mut message: String, most_bytes: usize) -> String {
    if message.len() > most_bytes {
        message.truncate(message.floor_char_boundary(most_bytes - '…'.len_utf8()));
        message.push('…');
    }
    message
}
