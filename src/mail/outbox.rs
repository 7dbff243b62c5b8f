//! By which way messages leave: by SMTP where that is set, else into the log in development. In production without it they wait, and are dropped
//! in the end.

use std::sync::Arc;

use tokio::sync::Notify;

use super::Mailer;
use super::log::Log;
use crate::config::{Environment, MailConfig};

pub struct Outbox {
    mailer: Option<Arc<dyn Mailer>>,
    reaches_mailboxes: bool,
    queued: Notify,
}

impl Outbox {
    pub fn new(config: &MailConfig, environment: Environment) -> anyhow::Result<Self> {
        let smtp = config.smtp()?;
        let reaches_mailboxes = smtp.is_some();
        let mailer: Option<Arc<dyn Mailer>> = match (smtp, environment) {
            (Some(smtp), _) => Some(Arc::new(smtp)),
            (None, Environment::Development) => Some(Arc::new(Log)),
            (None, Environment::Production) => {
                tracing::warn!(
                    "STOREFRONT_SMTP_URL is not set: nobody is sent a message, so no one can choose a new password"
                );
                None
            }
        };
        Ok(Self { mailer, reaches_mailboxes, queued: Notify::new() })
    }

    pub fn mailer(&self) -> Option<&Arc<dyn Mailer>> {
        self.mailer.as_ref()
    }

    /// Whether a message tells whoever has a mailbox, and nobody else: what it tells need not be answered then.
    pub fn reaches_mailboxes(&self) -> bool {
        self.reaches_mailboxes
    }

    /// Has the messages delivered that were queued a moment ago. Without it they wait a little longer.
    pub fn notify(&self) {
        self.queued.notify_one();
    }

    /// Ready when messages were queued.
    pub async fn queued(&self) {
        self.queued.notified().await;
    }
}
