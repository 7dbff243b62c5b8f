//! Texts of clients on their way into a message, cut where they get long, and names on their way into an address.

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

/// A name as it stands in addresses: lower-case letters and digits of any script, words joined by hyphens. Empty when there are none.
pub fn slug(name: &str) -> String {
    let name = name.to_lowercase();
    let is_kept = |c: char| c.is_alphanumeric() && !c.is_uppercase();
    let words = name.split(|c| !is_kept(c)).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}
