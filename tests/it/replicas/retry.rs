//! What is tried again: reads elsewhere, writes from their checks, and nothing that may have been committed.

mod read;
mod write;

use crate::support::Answer;

/// Tests that hold statements up do so for a moment only.
const PATIENT: [&str; 4] = ["--statement-timeout-ms", "20000", "--request-timeout-ms", "25000"];

/// The answer of a request that something happens to; it must not come before that is done and what holds it up is released.
async fn answer_after(
    asked: impl Future<Output = Answer>,
    sabotage: impl Future<Output = ()>,
    release: impl Future<Output = ()>,
) -> Answer {
    tokio::pin!(asked);
    tokio::select! {
        biased;
        () = sabotage => tokio::join!(asked, release).0,
        answer = &mut asked => panic!("it was answered too early: {}", answer.text),
    }
}
