//! What messages say. Nothing in them but the address was chosen by whoever caused them: names and the like would make them carry what strangers wrote.

use crate::mail::Letter;

/// What a letter tells, with the token that it brings.
pub enum Content {
    /// The address is to be verified.
    Verify { token: String },
    /// A new password can be chosen.
    Reset { token: String },
    /// The address has an account already, whose password can be chosen anew.
    Taken { token: String },
    /// The account has another address by now.
    Moved,
}

/// Writes a letter. With the front-end's address it has a link, whose token stays out of the logs on the way: it stands behind `#`.
pub fn letter(id: String, to: String, content: &Content, shop_url: Option<&str>) -> Letter {
    let way = |page: &str, token: &str| match shop_url {
        Some(shop) => format!("{shop}/{page}#token={token}"),
        None => token.to_owned(),
    };
    let (subject, text) = match content {
        Content::Verify { token } => (
            "Confirm your e-mail address",
            format!(
                "Somebody, you hopefully, gave this address for an account.\n\
                 Confirm it within a day with\n\n{}\n\n\
                 If it was not you, do nothing.\n",
                way("email-verify", token)
            ),
        ),
        Content::Reset { token } => (
            "Choose a new password",
            format!(
                "Somebody, you hopefully, asked for a new password for your account.\n\
                 Choose it within an hour with\n\n{}\n\n\
                 If it was not you, do nothing: the password stays as it is.\n",
                way("password-reset", token)
            ),
        ),
        Content::Taken { token } => (
            "You have an account already",
            format!(
                "Somebody, you hopefully, wanted to register with this address, which has an\n\
                 account already. If you do not know its password, choose another one within an\n\
                 hour with\n\n{}\n\n\
                 If it was not you, do nothing.\n",
                way("password-reset", token)
            ),
        ),
        Content::Moved => (
            "Your e-mail address was changed",
            "Your account has another e-mail address now. This one belongs to it no longer.\n\n\
             If it was not you who changed it, tell the shop.\n"
                .to_owned(),
        ),
    };
    Letter { id, to, subject, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &Content, shop_url: Option<&str>) -> String {
        letter("1".to_owned(), "ada@example.com".to_owned(), content, shop_url).text
    }

    #[test]
    fn a_letter_has_a_link_to_the_front_end_or_the_token_alone() {
        let token = || "sfu_x".to_owned();
        for (content, page) in [
            (Content::Verify { token: token() }, "email-verify"),
            (Content::Reset { token: token() }, "password-reset"),
            (Content::Taken { token: token() }, "password-reset"),
        ] {
            let linked = text(&content, Some("https://shop.example/account"));
            assert!(linked.contains(&format!("\n\nhttps://shop.example/account/{page}#token=sfu_x\n\n")), "{linked}");
            assert!(text(&content, None).contains("\n\nsfu_x\n\n"));
        }
        assert!(!text(&Content::Moved, Some("https://shop.example")).contains("https://"));
    }
}
