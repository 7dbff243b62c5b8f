//! Which media type an answer has: what the client takes (GraphQL over HTTP, "Accept" and "Media Types").

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};

/// The media type of an answer (GraphQL over HTTP, "Media Types").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status code tells whether the operation ran.
    GraphQlResponse,
    /// `application/json`: 200 for every answer to a well-formed request.
    Json,
}

impl MediaType {
    const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";
    const JSON: &str = "application/json";

    /// The type that the client likes best; `None` when it takes neither (RFC 9110, section 12.5.1). Of two that it likes alike, the one that
    /// it names more exactly, then earlier; `*/*` alone is plain JSON, for those who know nothing of the other.
    pub fn negotiate(headers: &HeaderMap) -> Option<Self> {
        let mut accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
        if accepts.peek().is_none() {
            return Some(Self::Json);
        }
        let mut likings = [(Self::JSON, None), (Self::GRAPHQL_RESPONSE, None)];
        for (place, range) in accepts.flat_map(|value| value.split(',')).map(Range::read).enumerate() {
            for (name, liking) in &mut likings {
                range.likes(name, place, liking);
            }
        }
        let [json, graphql] = likings.map(|(_, liking)| liking.filter(|liking: &Liking| liking.weight > 0.0));
        match (json, graphql) {
            (Some(json), Some(graphql)) if graphql.is_over(&json) => Some(Self::GraphQlResponse),
            (None, Some(_)) => Some(Self::GraphQlResponse),
            (Some(_), _) => Some(Self::Json),
            (None, None) => None,
        }
    }

    /// The status of a well-formed request that was not executed. Clients that know `application/graphql-response+json` learn it from
    /// there as well; the others take nothing but 200 for an answer in GraphQL.
    pub fn refused(self) -> StatusCode {
        match self {
            Self::GraphQlResponse => StatusCode::BAD_REQUEST,
            Self::Json => StatusCode::OK,
        }
    }

    pub fn value(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphQlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }
}

/// An entry of `Accept`.
struct Range<'a> {
    name: &'a str,
    weight: f32,
}

impl<'a> Range<'a> {
    fn read(entry: &'a str) -> Self {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Self { name, weight: weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)) }
    }

    /// What the client says of a media type, if this range names that more exactly than those before.
    fn likes(&self, name: &str, place: usize, liking: &mut Option<Liking>) {
        if let Some(exactness) = self.exactness(name)
            && liking.as_ref().is_none_or(|before| before.exactness < exactness)
        {
            *liking = Some(Liking { weight: self.weight, exactness, place });
        }
    }

    /// How exactly it names a media type; `None` when it means others.
    fn exactness(&self, name: &str) -> Option<u8> {
        match self.name {
            "*/*" => Some(0),
            range if range.eq_ignore_ascii_case("application/*") => Some(1),
            range if range.eq_ignore_ascii_case(name) => Some(2),
            _ => None,
        }
    }
}

/// What a client says of one media type, by the range that names it most exactly.
struct Liking {
    weight: f32,
    exactness: u8,
    place: usize,
}

impl Liking {
    fn is_over(&self, other: &Self) -> bool {
        let rank = |liking: &Self| (liking.exactness, std::cmp::Reverse(liking.place));
        self.weight > other.weight || self.weight == other.weight && rank(self) > rank(other)
    }
}
