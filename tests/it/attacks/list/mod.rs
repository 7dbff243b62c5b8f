//! The attack list: what a hostile client sends, and how it has to be answered.
//!
//! Nothing here sends anything, and nothing but the standard library and serde_json is needed, so that every program that can send bytes
//! can use the list. It is for a server in development without further settings except windows that are wide enough; where an
//! attack needs other settings, its subject says which.

mod credentials;
mod cursors;
mod documents;
mod expected;
mod filters;
mod floods;
mod judge;
mod operations;
mod pages;
mod persisted;
mod price;
mod production;
mod reply;
mod request;
mod requests;
mod sites;
mod slow;
mod syntax;
mod transport;
mod values;
mod wire;
mod words;

pub use cursors::{FOREIGN_CURSOR, FOREIGN_ORDER, FOREIGN_TOKEN};
pub use expected::Expected;
pub use judge::{comparable, judge};
pub use reply::Reply;
pub use request::{Media, Request};

/// One attempt: what it tries, how it is sent, and the answer that repels it.
pub struct Attack {
    pub name: &'static str,
    pub request: Request,
    pub expected: Expected,
    /// Words that the answer must not have, in lower case.
    pub hides: &'static [&'static str],
}

impl Attack {
    fn hiding(self, hides: &'static [&'static str]) -> Self {
        Self { hides, ..self }
    }
}

/// Attacks of one kind, to be sent in this order.
pub struct Subject {
    pub name: &'static str,
    pub attacks: Vec<Attack>,
}

/// What the attacker knows of the shop.
pub struct Target {
    /// An id that the shop gave out, of an active product; likewise the others.
    pub product: String,
    pub store: String,
    pub sku: String,
    /// A cursor of `stores`.
    pub cursor: String,
    /// The staff key: some attacks would do harm only if they had it.
    pub staff_key: String,
}

/// The attacks on a server in development.
pub fn subjects(target: &Target) -> Vec<Subject> {
    let subject = |name, attacks| Subject { name, attacks };
    vec![
        subject("syntax", syntax::attacks()),
        subject("documents", documents::attacks()),
        subject("floods", floods::attacks(target)),
        subject("operations", operations::attacks()),
        subject("values", values::attacks(target)),
        subject("pages", pages::attacks()),
        subject("cursors and ids", cursors::attacks(target)),
        subject("words", words::attacks(target)),
        subject("filters", filters::attacks(target)),
        subject("price", price::attacks(target)),
        subject("requests", requests::attacks()),
        subject("transport", transport::attacks()),
        subject("sites", sites::attacks(target)),
        subject("wire", wire::attacks(target)),
        subject("credentials", credentials::attacks(target)),
        subject("persisted documents", persisted::attacks()),
    ]
}

/// The attacks on a server in production, `STOREFRONT_ENV=production`.
pub fn on_production() -> Subject {
    Subject { name: "production", attacks: production::attacks() }
}

/// The attacks that take time, on a server with a short `STOREFRONT_HEADER_TIMEOUT_MS` and `STOREFRONT_REQUEST_TIMEOUT_MS`.
pub fn slow() -> Subject {
    Subject { name: "slow", attacks: slow::attacks() }
}

fn attack(name: &'static str, request: impl Into<Request>, expected: Expected) -> Attack {
    Attack { name, request: request.into(), expected, hides: &["root:"] }
}

/// A document that is posted.
fn document(name: &'static str, text: impl Into<String>, expected: Expected) -> Attack {
    let body = serde_json::json!({ "query": text.into() });
    attack(name, request::post(&body), expected)
}

/// A document that is posted with variables.
fn with(name: &'static str, text: &str, variables: &serde_json::Value, expected: Expected) -> Attack {
    attack(name, request::post(&serde_json::json!({ "query": text, "variables": variables })), expected)
}

/// `count` pieces of text, one after the other.
fn repeated(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().join(" ")
}
