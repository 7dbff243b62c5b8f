//! The way of development: letters are written into the log, with the tokens in them.

use async_trait::async_trait;

use super::{Letter, Mailer, Undelivered};

pub struct Log;

#[async_trait]
impl Mailer for Log {
    async fn send(&self, letter: &Letter) -> Result<(), Undelivered> {
        let Letter { to, subject, text, .. } = letter;
        tracing::info!("without STOREFRONT_SMTP_URL a message stays here. To: {to}. Subject: {subject}\n\n{text}");
        Ok(())
    }
}
