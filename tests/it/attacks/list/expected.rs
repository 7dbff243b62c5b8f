//! Answers that repel an attack.

use serde_json::Value;

const BAD_USER_INPUT: &str = "BAD_USER_INPUT";

/// What an attack has to be answered with. `says` is a part of the first error's message.
pub enum Expected {
    /// This data, and no error.
    Data(Value),
    /// Some data, and no error: it does no harm.
    Sound,
    /// Data with null in it, and why.
    Partly { code: &'static str, says: &'static str },
    /// Nothing ran. `status` is for `application/graphql-response+json`; for `application/json` it is 200.
    Unfit { status: u16, code: &'static str, says: &'static str },
    /// Nothing ran, and the status is the same for both media types.
    Refused { status: u16, code: &'static str, says: &'static str, headers: &'static [(&'static str, &'static str)] },
    /// No GraphQL answer but one of these statuses: it was no HTTP, or is answered without a body.
    Bare(&'static [u16]),
    /// The connection is closed without an answer.
    Closed,
    /// One connection brings these answers in order, and then ends.
    Each(Vec<Expected>),
}

/// The operation fails partly, with the client's fault.
pub fn partly(says: &'static str) -> Expected {
    Expected::Partly { code: BAD_USER_INPUT, says }
}

/// What only staff may do, asked by nobody.
pub fn staff_only() -> Expected {
    Expected::Partly { code: "UNAUTHENTICATED", says: "for staff" }
}

/// The document does not parse, does not validate or is over a limit, or a variable does not fit.
pub fn invalid(says: &'static str) -> Expected {
    Expected::Unfit { status: 400, code: BAD_USER_INPUT, says }
}

/// The operation to run cannot be told, or cannot be run here.
pub fn undecided(says: &'static str) -> Expected {
    Expected::Unfit { status: 422, code: BAD_USER_INPUT, says }
}

/// The operation costs too much.
pub fn too_dear(says: &'static str) -> Expected {
    Expected::Unfit { status: 400, code: "MAX_COST_EXCEEDED", says }
}

/// A hash or an id that no document has.
pub fn unknown_document() -> Expected {
    Expected::Unfit { status: 404, code: "PERSISTED_QUERY_NOT_FOUND", says: "PersistedQueryNotFound" }
}

/// The request is refused with this status, whatever the media type.
pub fn refused(status: u16, says: &'static str) -> Expected {
    refused_as(BAD_USER_INPUT, status, says)
}

pub fn refused_as(code: &'static str, status: u16, says: &'static str) -> Expected {
    Expected::Refused { status, code, says, headers: &[] }
}

/// A wrong key.
pub fn unauthenticated(says: &'static str) -> Expected {
    // The scheme is the server's choice; a challenge has to be there (RFC 9110, 15.5.2).
    Expected::Refused { status: 401, code: "UNAUTHENTICATED", says, headers: &[("www-authenticate", "")] }
}

/// A method that /graphql does not take.
pub fn not_allowed() -> Expected {
    Expected::Refused { status: 405, code: BAD_USER_INPUT, says: "", headers: &[("allow", "GET,HEAD,POST")] }
}

/// A mutation that is not sent with POST.
pub fn only_by_post() -> Expected {
    Expected::Refused { status: 405, code: BAD_USER_INPUT, says: "POST", headers: &[("allow", "POST")] }
}

/// A body that is compressed.
pub fn packed() -> Expected {
    let headers = &[("accept-encoding", "identity")];
    Expected::Refused { status: 415, code: BAD_USER_INPUT, says: "encoding", headers }
}
