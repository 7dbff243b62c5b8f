//! The page where no playground was built: it loads GraphiQL from a CDN.
//!
//! Of scripts it may run those of the CDN and its own one, which a nonce tells from whatever else might get into it. GraphiQL makes
//! `<style>` elements while it runs, and has its fonts and images in its style sheet; it needs neither `eval` nor workers.

use async_graphql::http::GraphiQLSource;
use axum::http::HeaderValue;
use serde_json::json;
use uuid::Uuid;

use super::{Settings, script};

/// The line of the library's page after which GraphiQL's further properties are put.
const PROPERTIES: &str = "defaultEditorToolsVisibility: true,";
/// The begin of the page's own script; those of the CDN have attributes.
const OWN_SCRIPT: &str = "<script>";
/// An icon of a third host, which the page does without.
const ICON: &str = "https://graphql.org/favicon.ico";
const LOADING: &str = "Loading...";
const LOADING_FROM_CDN: &str = "Loading GraphiQL from unpkg.com. That needs the internet; /graphql itself does not.";

/// The page, and what it may load and run.
pub fn page(settings: &Settings) -> (String, HeaderValue) {
    let page = GraphiQLSource::build().endpoint("/graphql").title("Storefront").finish();
    let nonce = Uuid::new_v4().simple().to_string();
    let page = page
        .replacen(OWN_SCRIPT, &format!("<script nonce=\"{nonce}\">"), 1)
        .replacen(ICON, "data:,", 1)
        .replacen(LOADING, LOADING_FROM_CDN, 1)
        .replacen(PROPERTIES, &properties(settings), 1);
    (page, policy(&nonce))
}

fn policy(nonce: &str) -> HeaderValue {
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' https://unpkg.com; style-src 'unsafe-inline' https://unpkg.com; \
         font-src data:; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    HeaderValue::try_from(policy).expect("a nonce is hexadecimal digits")
}

fn properties(settings: &Settings) -> String {
    let (headers, tabs) = (script(&json!(settings.headers)), script(&settings.tabs()));
    format!("{PROPERTIES} defaultHeaders: {headers}, defaultTabs: {tabs},")
}
