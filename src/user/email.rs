//! E-mail addresses: a plain rule that keeps out what no message can be addressed to. Whether mail arrives there only mail can tell.

use lettre::Address;
use lettre::message::Mailbox;

/// The longest address that mail can be sent to, in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
pub const LONGEST_EMAIL: usize = 254;

/// The address in lower case, as it is kept and looked up. `None` for a text that is none: it has not exactly one `@`, a
/// space, a character that is not seen, more than 254 bytes, or a message's header would not read it as that address alone.
pub fn normalise(text: &str) -> Option<String> {
    let email = text.to_lowercase();
    let is_email = email.len() <= LONGEST_EMAIL
        && email.matches('@').count() == 1
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || is_unseen(c))
        && email.parse().is_ok_and(|address: Address| email.parse() == Ok(Mailbox::new(None, address)));
    is_email.then_some(email)
}

/// Characters of no width, or that turn the text around them: two addresses that look alike would be two accounts.
fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_lower_case() {
        for (text, kept) in [
            ("Ada@Example.COM", "ada@example.com"),
            ("ada.b+shop_1%x'y@mail.example.com", "ada.b+shop_1%x'y@mail.example.com"),
            ("ada@localhost", "ada@localhost"),
            ("JÜRGEN@bücher.example", "jürgen@bücher.example"),
        ] {
            assert_eq!(normalise(text).as_deref(), Some(kept));
        }
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(LONGEST_EMAIL));

        for text in ["", "ada", "@example.com", "ada@", "a@b@c", "ada @example.com", "ada@exa\0mple.com", &long] {
            assert_eq!(normalise(text), None, "{text:?}");
        }
        for text in
            ["<a@x.org>", "a@x.org>", "(c)a@x.org", "a@x.org(c)", "a@x..org", ".a@x.org", "a@x.org,b", "Ada<a@x.org>"]
        {
            assert_eq!(normalise(text), None, "{text:?}");
        }
        for nested in ["(", "\"", "<", "\\", "[", "."] {
            assert_eq!(normalise(&format!("{}@x.org", nested.repeat(240))), None, "{nested:?}");
            assert_eq!(normalise(&format!("a@{}", nested.repeat(240))), None, "{nested:?}");
        }
        for unseen in ['\u{202e}', '\u{200b}', '\u{200d}', '\u{2066}', '\u{feff}', '\u{ad}', '\u{85}'] {
            assert_eq!(normalise(&format!("a{unseen}b@x.org")), None, "{unseen:?}");
            assert_eq!(normalise(&format!("ab@x{unseen}.org")), None, "{unseen:?}");
        }
    }
}
