//! How an attack is sent.

use serde_json::Value;

/// The id that every request has which does not bring another one.
pub const REQUEST_ID: &str = "one-of-the-attacks";

/// The media type that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    Graphql,
    Json,
}

impl Media {
    pub const ALL: [Self; 2] = [Self::Graphql, Self::Json];

    pub fn name(self) -> &'static str {
        match self {
            Self::Graphql => "application/graphql-response+json",
            Self::Json => "application/json",
        }
    }
}

/// Bytes on one connection, to be read to its end.
pub enum Request {
    Http(Http),
    /// As it stands, for `application/graphql-response+json` alone.
    Wire(Vec<u8>),
    /// At once, and then the connection is held open in silence.
    Stalled(Vec<u8>),
    /// These at once, and these then over and over, one byte at a time, for as long as the server listens.
    Dripping(Vec<u8>, Vec<u8>),
}

/// A request in good order, whatever it asks.
#[derive(Clone)]
pub struct Http {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
}

impl From<Http> for Request {
    fn from(request: Http) -> Self {
        Self::Http(request)
    }
}

impl Request {
    /// The media types that it can be asked for with.
    pub fn media(&self) -> &'static [Media] {
        match self {
            Self::Http(http) if !http.has("accept") => &Media::ALL,
            _ => &[Media::Graphql],
        }
    }

    /// What is written at once.
    pub fn bytes(&self, media: Media) -> Vec<u8> {
        match self {
            Self::Http(http) => http.bytes(media),
            Self::Wire(bytes) | Self::Stalled(bytes) | Self::Dripping(bytes, _) => bytes.clone(),
        }
    }

    /// Whether the server may take the id that is sent for its own.
    pub fn brings_sound_id(&self) -> bool {
        !matches!(self, Self::Http(http) if http.has("x-request-id"))
    }

    pub fn is_get(&self) -> bool {
        self.bytes(Media::Graphql).starts_with(b"GET ")
    }
}

/// A POST of JSON.
pub fn post(body: &Value) -> Http {
    body_of(body.to_string())
}

/// A POST of bytes that are declared as JSON.
pub fn body_of(body: impl Into<Vec<u8>>) -> Http {
    let headers = vec![("content-type", "application/json".to_owned())];
    Http { method: "POST", target: "/graphql".to_owned(), headers, body: Some(body.into()) }
}

/// A GET with these parameters.
pub fn get(parameters: &[(&str, &str)]) -> Http {
    let pairs = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    address(&pairs.collect::<Vec<_>>().join("&"))
}

/// A GET with this text behind the question mark.
pub fn address(query: &str) -> Http {
    Http { method: "GET", target: format!("/graphql?{query}"), headers: Vec::new(), body: None }
}

impl Http {
    pub fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    pub fn target(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub fn with_body(mut self, body: &str) -> Self {
        self.body = Some(body.into());
        self
    }

    fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| *known == name)
    }

    fn bytes(&self, media: Media) -> Vec<u8> {
        let mut head =
            format!("{} {} HTTP/1.1\r\nhost: shop.example\r\nconnection: close\r\n", self.method, self.target);
        let mut line = |name: &str, value: &str| head.extend([name, ": ", value, "\r\n"]);
        self.headers.iter().for_each(|(name, value)| line(name, value));
        if !self.has("accept") {
            line("accept", media.name());
        }
        if !self.has("x-request-id") {
            line("x-request-id", REQUEST_ID);
        }
        if let Some(body) = &self.body {
            line("content-length", &body.len().to_string());
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend(self.body.iter().flatten());
        bytes
    }
}

/// Percent-encoded as browsers do it for a parameter.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}
