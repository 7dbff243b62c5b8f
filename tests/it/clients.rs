//! API clients: the command that makes and revokes their keys, and the look-up of who calls.

mod command;
mod look_up;

use std::path::Path;

use crate::support::{Ended, run};

/// Runs `storefront client` on a database.
async fn client(url: &str, arguments: &[&str]) -> Ended {
    run(Path::new("/"), &[&["client"], arguments].concat(), &[("DATABASE_URL", url)]).await
}

/// Makes a client and gives its key.
async fn create(url: &str, arguments: &[&str]) -> String {
    let printed = client(url, &[&["create"], arguments].concat()).await.succeeded();
    printed.strip_suffix('\n').unwrap().to_owned()
}

async fn revoke(url: &str, asked: &str) -> String {
    client(url, &["revoke", asked]).await.succeeded()
}
