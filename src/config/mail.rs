//! Settings of messages to people.

use anyhow::ensure;
use clap::Args;

use crate::mail::Smtp;

/// How messages reach people. Without a server they are written into the log in development, and not sent in production.
#[derive(Args, Clone, Debug)]
pub struct MailConfig {
    /// The server that messages are sent by: `smtps://USER:PASSWORD@HOST`, or `smtp://HOST:587?tls=required`.
    #[arg(long, env = "STOREFRONT_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,

    /// The sender of messages, such as `The Shop <shop@example.com>`.
    #[arg(long, env = "STOREFRONT_MAIL_FROM")]
    pub mail_from: Option<String>,

    /// The front-end, such as `https://shop.example`: messages link to its pages `/password-reset` and `/email-verify`. Without it they bring the tokens alone.
    #[arg(long, env = "STOREFRONT_SHOP_URL")]
    pub shop_url: Option<String>,
}

impl MailConfig {
    /// The way to mailboxes, where there is one.
    pub fn smtp(&self) -> anyhow::Result<Option<Smtp>> {
        let Some(url) = given(&self.smtp_url) else { return Ok(None) };
        let from = given(&self.mail_from).unwrap_or_default();
        ensure!(!from.is_empty(), "STOREFRONT_SMTP_URL is set, but STOREFRONT_MAIL_FROM is not");
        Smtp::new(url, from).map(Some)
    }

    /// The front-end's address, without a slash at its end.
    pub fn shop_url(&self) -> Option<&str> {
        given(&self.shop_url).map(|url| url.trim_end_matches('/'))
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        if let Some(url) = given(&self.shop_url) {
            let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
            let is_odd = |c: char| matches!(c, '#' | '?') || !c.is_ascii_graphic();
            ensure!(
                !host.trim_start_matches('/').is_empty() && !host.contains(is_odd),
                "STOREFRONT_SHOP_URL is {url:?}, it must be like https://shop.example, without ? and #"
            );
        }
        self.smtp().map(drop)
    }
}

/// The value, where it is not blank: an empty variable means none.
fn given(setting: &Option<String>) -> Option<&str> {
    setting.as_deref().map(str::trim).filter(|text| !text.is_empty())
}
