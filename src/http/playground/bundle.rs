//! The playground that is built: a page that the server completes, and assets under names that hold a hash of what they are.
//!
//! The page runs scripts of this server alone, none of them inline: what it opens with stands in it as data. Monaco, the editor, works
//! in workers, makes `<style>` elements while it runs, and GraphiQL has its fonts in its style sheet; none of them needs `eval`.

use std::io::Read;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use serde_json::json;

use super::{Settings, script};
use crate::http::{compression, public};

/// What the page may load and run. The assets say the same: a worker's own answer tells what that may do.
pub const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; \
     img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
);

/// The comment that the server replaces with what the page opens with.
const SETTINGS: &str = "<!--settings-->";

/// The playground that was built.
#[derive(Clone, Copy, Debug)]
pub struct Bundle {
    pub page: &'static str,
    pub assets: &'static [Asset],
}

/// A file that the page loads.
#[derive(Debug)]
pub struct Asset {
    pub name: &'static str,
    pub gzip: &'static [u8],
}

impl Bundle {
    /// What this program holds, if `playground/` was built before it.
    pub const BUILT: Option<Self> = include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

    pub(super) fn page(&self, settings: &Settings) -> String {
        let values = script(&json!({ "tabs": settings.tabs(), "headers": settings.headers }));
        self.page.replacen(SETTINGS, &format!("<script type=\"application/json\" id=\"settings\">{values}</script>"), 1)
    }

    pub(super) fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.name == name)
    }
}

impl Asset {
    /// The file, as it lies here for who takes gzip, or 304 for who has it.
    pub(super) fn answer(&self, asked: &HeaderMap) -> Response {
        // Weak: the same for both codings.
        let tag = format!("W/\"{}\"", self.name);
        let mut response = if public::has(asked, &tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else if compression::takes_gzip(asked) {
            ([(header::CONTENT_ENCODING, "gzip")], self.gzip).into_response()
        } else {
            self.plain().into_response()
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type()));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
        headers.extend(HeaderValue::try_from(tag).ok().map(|tag| (header::ETAG, tag)));
        response
    }

    fn plain(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        GzDecoder::new(self.gzip).read_to_end(&mut plain).expect("it was compressed when it was built");
        plain
    }

    fn media_type(&self) -> &'static str {
        match self.name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("ttf") => "font/ttf",
            Some("woff2") => "font/woff2",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_built_is_whole_and_of_known_types() {
        let Some(bundle) = Bundle::BUILT else { return };

        assert_eq!(bundle.page.matches(SETTINGS).count(), 1);
        let named: Vec<&str> = bundle.page.split(super::super::ASSETS).skip(1).collect();
        assert!(!named.is_empty());
        for name in named.into_iter().filter_map(|rest| rest.split('"').next()) {
            assert!(bundle.asset(name).is_some(), "{name}");
        }
        for asset in bundle.assets {
            assert!(!asset.plain().is_empty() && asset.media_type() != "application/octet-stream", "{}", asset.name);
        }
    }
}
