//! The way to mailboxes: SMTP, encrypted where the address says so, and wherever a password is sent beyond this machine.

use std::error::Error as _;
use std::time::Duration;

use anyhow::{Context, anyhow, ensure};
use async_trait::async_trait;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{Letter, Mailer, Undelivered};

/// How long the server may take for one step.
const STEP_WITHIN: Duration = Duration::from_secs(20);

pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// The server at an address such as `smtps://user:password@mail.example.com`, and the sender of all letters.
    pub fn new(url: &str, from: &str) -> anyhow::Result<Self> {
        let from: Mailbox = from.parse().ok().with_context(|| {
            format!(
                "STOREFRONT_MAIL_FROM is {from:?}, it must be like shop@example.com or \"The Shop <shop@example.com>\""
            )
        })?;
        check_scheme(url)?;
        check_secrecy(url)?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
        // The cause may repeat the password.
        let transport = transport.map_err(|_| {
            anyhow!("STOREFRONT_SMTP_URL cannot be read, it must be like smtps://user:password@mail.example.com")
        })?;
        let domain = Some(from.email.domain()).filter(|domain| domain.is_ascii());
        let greeting = domain.map_or_else(ClientId::default, |domain| ClientId::Domain(domain.to_owned()));
        Ok(Self { transport: transport.hello_name(greeting).timeout(Some(STEP_WITHIN)).build(), from })
    }

    fn compose(&self, letter: &Letter) -> anyhow::Result<Message> {
        let to: Address = letter.to.parse()?;
        let is_automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject)
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .raw_header(HeaderValue::new(is_automatic, "auto-generated".to_owned()))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())?;
        Ok(message)
    }
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, letter: &Letter) -> Result<(), Undelivered> {
        let message = self.compose(letter).map_err(|_| Undelivered::Unsendable)?;
        self.transport.send(message).await.map(drop).map_err(|error| Undelivered::Failed(describe(&error)))
    }
}

/// What went wrong, without what the server says of it in words: these may name whom the message is for.
fn describe(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("the SMTP server answers {code}"),
        None => error.source().map_or_else(|| error.to_string(), ToString::to_string),
    }
}

fn check_scheme(url: &str) -> anyhow::Result<()> {
    let scheme = url.split(':').next().unwrap_or_default();
    ensure!(
        ["smtp://", "smtps://"].iter().any(|begin| url.starts_with(begin)),
        "STOREFRONT_SMTP_URL begins with {scheme:?}, it must begin with smtps:// or smtp://"
    );
    Ok(())
}

/// Refuses to send a password to another machine for everyone on the way to read.
fn check_secrecy(url: &str) -> anyhow::Result<()> {
    let Some(rest) = url.strip_prefix("smtp://") else { return Ok(()) };
    let (server, query) = rest.split_once('?').unwrap_or((rest, ""));
    let Some((_, server)) = server.rsplit_once('@') else { return Ok(()) };
    let host = server.trim_end_matches('/');
    let is_here = ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|here| host.strip_prefix(here).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
    ensure!(
        is_here || query.split('&').any(|option| option == "tls=required"),
        "STOREFRONT_SMTP_URL would send its password to {host} in clear text: begin it with smtps://, or end it with ?tls=required"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "The Shop <shop@example.com>";

    fn refusal(url: &str, from: &str) -> String {
        Smtp::new(url, from).err().map(|error| format!("{error:#}")).unwrap_or_default()
    }

    #[test]
    fn servers_and_senders_are_told_from_what_is_none() {
        for url in [
            "smtp://127.0.0.1:2525",
            "smtp://mail.example.com",
            "smtps://ada:hunter2@mail.example.com",
            "smtp://ada:hunter2@mail.example.com:587?tls=required",
            "smtp://ada:hunter2@localhost:2525",
            "smtp://ada:hunter2@[::1]",
        ] {
            assert_eq!(refusal(url, FROM), "", "{url}");
        }
        for (url, from, told) in [
            ("hunter2", FROM, "STOREFRONT_SMTP_URL begins with \"hunter2\""),
            ("https://mail.example.com", FROM, "begins with \"https\", it must begin with smtps://"),
            ("smtps://", FROM, "STOREFRONT_SMTP_URL cannot be read"),
            ("smtp://ada:hunter2@mail.example.com", FROM, "its password to mail.example.com in clear text"),
            ("smtp://ada:hunter2@mail.example.com?tls=opportunistic", FROM, "in clear text"),
            ("smtp://ada:hunter2@localhost.example.com", FROM, "in clear text"),
            ("smtps://mail.example.com", "the shop", "STOREFRONT_MAIL_FROM is \"the shop\""),
            ("smtps://mail.example.com", "", "STOREFRONT_MAIL_FROM is \"\""),
        ] {
            let refusal = refusal(url, from);
            assert!(refusal.contains(told), "{url} {from}: {refusal:?}");
            assert!(url == "hunter2" || !refusal.contains("hunter2"), "{refusal}");
        }
    }

    #[test]
    fn a_letter_is_plain_text_that_a_program_has_sent() {
        let smtp = Smtp::new("smtp://127.0.0.1:2525", FROM).unwrap();
        let to = |to: &str| Letter {
            id: "7.1".to_owned(),
            to: to.to_owned(),
            subject: "Hello",
            text: "One\n\nTwo\n".to_owned(),
        };

        let sent = String::from_utf8(smtp.compose(&to("ada@example.org")).unwrap().formatted()).unwrap();

        let (head, body) = sent.split_once("\r\n\r\n").unwrap();
        for line in [
            "To: ada@example.org",
            "Subject: Hello",
            "Message-ID: <7.1@example.com>",
            "Auto-Submitted: auto-generated",
            "Content-Type: text/plain; charset=utf-8",
        ] {
            assert!(head.lines().any(|header| header == line), "{line} in {head}");
        }
        assert!(
            head.lines().any(|header| header.starts_with("From: ") && header.ends_with("<shop@example.com>")),
            "{head}"
        );
        assert_eq!(body, "One\r\n\r\nTwo\r\n");
        for nobody in ["ada", "ada@", "a d@example.org", "ada@example.org\r\nBcc: eve@example.org"] {
            assert!(smtp.compose(&to(nobody)).is_err(), "{nobody:?}");
        }
    }
}
