//! GraphiQL, in development, with the example operations in tabs: the one that `playground/` builds, where this program has it, and
//! otherwise a page that loads it from a CDN.
//!
//! Each tab asks to be explained. The staff key that the server made for itself is filled in only for whoever sits at this machine
//! (`here.rs`).

mod bundle;
mod cdn;
mod here;

use std::net::SocketAddr;

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::explain::EXPLAIN_HEADER;
use crate::app::App;
use crate::auth::STAFF_HEADER;
pub use bundle::{Asset, Bundle};

/// The example operations of `operations/` with their file names: each is a tab.
pub const EXAMPLES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// Where the assets of the bundle are.
pub const ASSETS: &str = "/playground/assets/";

pub fn page(app: &App, bundle: Option<&Bundle>, request: &Request, peer: SocketAddr) -> Response {
    let is_here = here::is_at_this_machine(peer.ip(), request.uri(), request.headers());
    let settings = Settings::new(app.own_staff_key.as_deref().filter(|_| is_here));
    let (page, policy) = match bundle {
        Some(bundle) => (bundle.page(&settings), bundle::POLICY),
        None => cdn::page(&settings),
    };
    let headers =
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store")), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, Html(page)).into_response()
}

/// An asset of the bundle, by its path; nothing if there is none.
pub fn asset(bundle: Option<&Bundle>, request: &Request) -> Option<Response> {
    let name = request.uri().path().strip_prefix(ASSETS)?;
    Some(bundle?.asset(name)?.answer(request.headers()))
}

/// What GraphiQL opens with.
struct Settings {
    /// The headers of each tab, as GraphiQL's editor shows them.
    headers: String,
}

impl Settings {
    fn new(staff_key: Option<&str>) -> Self {
        let mut headers = Map::from_iter([(EXPLAIN_HEADER.to_owned(), json!("1"))]);
        headers.extend(staff_key.map(|key| (STAFF_HEADER.to_owned(), json!(key))));
        Self { headers: format!("{:#}", Value::Object(headers)) }
    }

    fn tabs(&self) -> Value {
        EXAMPLES.iter().map(|(_, query)| json!({ "query": query, "headers": self.headers })).collect()
    }
}

/// As a value inside a script, where no `<` may begin a tag.
fn script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c")
}
