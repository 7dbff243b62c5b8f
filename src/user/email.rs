//! E-mail addresses: a plain rule that keeps out what cannot be one. Whether mail arrives there only mail can tell.

/// The longest address that mail can be sent to, in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
pub const LONGEST_EMAIL: usize = 254;

/// The address in lower case, as it is kept and looked up. `None` for a text that is none: it has not exactly one `@`, nothing
/// before or after it, a space or a control character, or more than 254 bytes.
pub fn normalise(text: &str) -> Option<String> {
    let email = text.to_lowercase();
    let (mailbox, domain) = email.split_once('@')?;
    let is_email = !mailbox.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email.len() <= LONGEST_EMAIL;
    is_email.then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case() {
        assert_eq!(normalise("Ada@Example.COM").as_deref(), Some("ada@example.com"));
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(LONGEST_EMAIL));

        for text in ["", "ada", "@example.com", "ada@", "a@b@c", "ada @example.com", "ada@exa\0mple.com", &long] {
            assert_eq!(normalise(text), None, "{text:?}");
        }
    }
}
