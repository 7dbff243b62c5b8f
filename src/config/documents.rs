//! Settings of documents that are known by name.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Which documents are executed, and where the trusted ones are.
#[derive(Args, Clone, Debug)]
pub struct DocumentConfig {
    /// What happens to a document that is not among the trusted ones: nothing (`off`), it is logged and executed (`log`), it is refused (`enforce`).
    #[arg(long, env = "STOREFRONT_TRUSTED_DOCUMENTS", default_value = "off")]
    pub trusted_documents: TrustedDocuments,

    /// The folder with the trusted documents: `*.graphql` files, and manifests as `*.json`. Read at the start.
    #[arg(long, env = "STOREFRONT_TRUSTED_DOCUMENTS_PATH", default_value = "operations")]
    pub trusted_documents_path: PathBuf,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustedDocuments {
    Off,
    Log,
    Enforce,
}
