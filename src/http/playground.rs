//! GraphiQL, in development: a page that loads it from a CDN and opens the example operations in tabs.
//!
//! The staff key that the server made for itself is filled in only for whoever sits at this machine: the connection comes from a
//! loopback address, the page was asked for under a loopback name (a page of another site that resolves to this machine has its own
//! name in `Host`), and no proxy stands in between.
//!
//! Of scripts the page may run those of the CDN and its own one, which a nonce tells from whatever else might get into it. GraphiQL makes
//! `<style>` elements while it runs, and has its fonts and images in its style sheet; it needs neither `eval` nor workers.

use std::net::{IpAddr, SocketAddr};

use async_graphql::http::GraphiQLSource;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;
use uuid::Uuid;

use crate::app::App;
use crate::auth::STAFF_HEADER;

/// The example operations of `operations/`, by file name: each is a tab.
pub const EXAMPLES: [(&str, &str); 12] = [
    ("welcome.graphql", include_str!("../../operations/welcome.graphql")),
    ("product.graphql", include_str!("../../operations/product.graphql")),
    ("product-card.graphql", include_str!("../../operations/product-card.graphql")),
    ("products.graphql", include_str!("../../operations/products.graphql")),
    ("product-cards.graphql", include_str!("../../operations/product-cards.graphql")),
    ("search.graphql", include_str!("../../operations/search.graphql")),
    ("product-suggestions.graphql", include_str!("../../operations/product-suggestions.graphql")),
    ("store-products.graphql", include_str!("../../operations/store-products.graphql")),
    ("category-tree.graphql", include_str!("../../operations/category-tree.graphql")),
    ("product-update.graphql", include_str!("../../operations/product-update.graphql")),
    ("stock-set.graphql", include_str!("../../operations/stock-set.graphql")),
    ("user-orders.graphql", include_str!("../../operations/user-orders.graphql")),
];

/// The line of the library's page after which GraphiQL's further properties are put.
const PROPERTIES: &str = "defaultEditorToolsVisibility: true,";
/// The begin of the page's own script; those of the CDN have attributes.
const OWN_SCRIPT: &str = "<script>";
/// An icon of a third host, which the page does without.
const ICON: &str = "https://graphql.org/favicon.ico";
const LOADING: &str = "Loading...";
const LOADING_FROM_CDN: &str = "Loading GraphiQL from unpkg.com. That needs the internet; /graphql itself does not.";

pub fn page(app: &App, request: &Request, peer: SocketAddr) -> Response {
    let is_here = is_at_this_machine(peer.ip(), request.uri(), request.headers());
    let staff_key = app.own_staff_key.as_deref().filter(|_| is_here);
    let page = GraphiQLSource::build().endpoint("/graphql").title("Storefront").finish();
    let nonce = Uuid::new_v4().simple().to_string();
    let page = page
        .replacen(OWN_SCRIPT, &format!("<script nonce=\"{nonce}\">"), 1)
        .replacen(ICON, "data:,", 1)
        .replacen(LOADING, LOADING_FROM_CDN, 1)
        .replacen(PROPERTIES, &properties(staff_key), 1);
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_SECURITY_POLICY, policy(&nonce)),
    ];
    (headers, Html(page)).into_response()
}

/// What the page may load and run.
fn policy(nonce: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' https://unpkg.com; style-src 'unsafe-inline' https://unpkg.com; \
         font-src data:; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    HeaderValue::try_from(policy).expect("a nonce is hexadecimal digits")
}

fn properties(staff_key: Option<&str>) -> String {
    let tab_headers = staff_key.map(|key| json!({ STAFF_HEADER: key }).to_string()).unwrap_or_default();
    let tabs: Vec<_> = EXAMPLES.iter().map(|(_, query)| json!({ "query": query, "headers": tab_headers })).collect();
    // Inside a script no `<` may begin a tag.
    let script = |value: serde_json::Value| value.to_string().replace('<', "\\u003c");
    format!("{PROPERTIES} defaultHeaders: {}, defaultTabs: {},", script(json!(tab_headers)), script(json!(tabs)))
}

fn is_at_this_machine(peer: IpAddr, uri: &Uri, headers: &HeaderMap) -> bool {
    let came_through_a_proxy = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];
    let in_header = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // A request for a whole address means the host in it, whatever the header says (RFC 9112, section 3.2.2).
    let host = uri.host().or(in_header).unwrap_or_default();
    peer.to_canonical().is_loopback()
        && !came_through_a_proxy.iter().any(|name| headers.contains_key(*name))
        && is_loopback_name(host)
}

fn is_loopback_name(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_names_are_this_machine() {
        for host in ["localhost", "localhost:8000", "127.0.0.1:8000", "127.0.0.2", "[::1]:8000", "LOCALHOST:1"] {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in ["", "example.com", "localhost.example.com", "127.0.0.1.example.com", "10.0.0.1:8000", "[::2]"] {
            assert!(!is_loopback_name(host), "{host}");
        }
    }
}
