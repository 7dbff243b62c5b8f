//! Waiting for a condition: look, wait a little, look again, and give up at a deadline with a sentence that says for what.

use std::time::{Duration, Instant};

use crate::Result;

const BETWEEN_LOOKS: Duration = Duration::from_millis(4);

pub(crate) struct Deadline {
    end: Instant,
    within: Duration,
}

impl Deadline {
    pub(crate) fn within(within: Duration) -> Self {
        Self { end: Instant::now() + within, within }
    }

    /// Waits until it is time to look again; an error when the deadline has passed.
    pub(crate) async fn look_again(&self, awaited: impl FnOnce() -> String) -> Result<()> {
        if Instant::now() >= self.end {
            anyhow::bail!("waited {} s for {}", self.within.as_secs(), awaited());
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
        Ok(())
    }
}
