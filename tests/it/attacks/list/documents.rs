//! Fragments, selections and introspection: documents that mean much more than they say.

use super::expected::{Expected, invalid};
use super::{Attack, document, repeated};

pub fn attacks() -> Vec<Attack> {
    let mut attacks = fragments();
    attacks.extend(selections());
    attacks.extend(introspection());
    attacks
}

fn fragments() -> Vec<Attack> {
    let circle = |length: usize| {
        let fragments =
            repeated(length, |index| format!("fragment F{index} on Category {{ id ...F{} }}", (index + 1) % length));
        format!("{{ categories {{ nodes {{ ...F0 }} }} }} {fragments}")
    };
    let wide = format!(
        "{{ stores {{ nodes {{ {} }} }} }} fragment F on Store {{ {} }}",
        repeated(500, |_| "...F".to_owned()),
        repeated(50, |_| "id".to_owned())
    );
    vec![
        document("fragments that double over 30 levels", doubling(30), invalid("over the maximum")),
        document("fragments that double over 100 levels", doubling(100), invalid("over the maximum")),
        document("fragments that double inside fields", doubling_parents(14), invalid("over the maximum")),
        document("a fragment that spreads itself", circle(1), invalid("spreads itself")),
        document("two fragments that spread each other", circle(2), invalid("spreads itself")),
        document("a circle of 150 fragments", circle(150), invalid("spreads itself")),
        document(
            "a circle of fragments that no operation uses",
            "{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }",
            invalid("spreads itself"),
        ),
        document(
            "a circle through fields and inline fragments",
            "{ categories { nodes { ...A } } } fragment A on Category { parent { ... on Node { ... on Category { ...A } } } }",
            invalid("spreads itself"),
        ),
        document("a wide fragment that is spread 500 times", wide, invalid("over the maximum")),
        document(
            "3,000 unused fragments",
            format!("{{ __typename }} {}", repeated(3_000, |index| format!("fragment F{index} on Store {{ id }}"))),
            invalid("token count"),
        ),
        document(
            "270 unused fragments",
            format!("{{ __typename }} {}", repeated(270, |index| format!("fragment F{index} on Store {{ id }}"))),
            invalid("F0"),
        ),
        document(
            "900 spreads of fragments that there are not",
            format!("{{ {} }}", repeated(900, |index| format!("...M{index}"))),
            invalid("M0"),
        ),
        document(
            "a fragment that is defined twice",
            "{ stores { nodes { ...F } } } fragment F on Store { id } fragment F on Store { slug }",
            invalid("fragment F is defined twice"),
        ),
        document(
            "a fragment on a type that there is not",
            "{ ...F } fragment F on Password { hash }",
            invalid("Password"),
        ),
        document(
            "a fragment on a type that cannot be there",
            "{ stores { nodes { ... on User { email } } } }",
            invalid(""),
        ),
        document(
            "inline fragments 50 deep",
            format!("{{ {} __typename {} }}", "... {".repeat(50), "}".repeat(50)),
            invalid("over the maximum"),
        ),
    ]
}

fn selections() -> Vec<Attack> {
    let parents = |depth: usize| {
        let (open, close) = ("parent {".repeat(depth - 2), "}".repeat(depth - 2));
        format!("{{ category(slug: \"a\") {{ {open} id {close} }} }}")
    };
    let conflicts =
        |count: usize| format!("{{ stores {{ nodes {{ {} }} }} }}", repeated(count, |_| "x: id x: slug".to_owned()));
    let compared = format!(
        "{{ stores {{ nodes {{ {} }} }} }}",
        repeated(150, |index| format!("products(first: {index}) {{ __typename }}"))
    );
    vec![
        document("an operation 16 deep", parents(16), invalid("query depth 16 is over the maximum of 15")),
        document("an operation 60 deep", parents(60), invalid("over the maximum")),
        document("aliases that mean two things", conflicts(1), invalid("conflict")),
        document("aliases that mean two things, 15 times over", conflicts(15), invalid("conflict")),
        document("150 fields with other arguments, each to be compared with each", compared, invalid("")),
        document("a field without the selection that it needs", "{ stores }", invalid("")),
        document("a selection in what has none", "{ stores { nodes { id { id } } } }", invalid("")),
        document("a field that there is not", "{ passwords { hash } }", invalid("passwords")),
        document("fields that scripts have of themselves", "{ __proto__ constructor { prototype } }", invalid("")),
        document("20 unknown fields with the longest of names", unknown_fields(), invalid("")),
    ]
}

fn introspection() -> Vec<Attack> {
    let circle = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    let in_fragments = "{ __schema { types { ...T } } } fragment T on __Type { fields { type { ...U } } } \
                        fragment U on __Type { fields { type { ...V } } } fragment V on __Type { fields { name } }";
    let of_type = format!("{{ __type(name: \"Product\") {{ {} name {} }} }}", "ofType {".repeat(26), "}".repeat(26));
    vec![
        document("a circle through introspection", circle, invalid("introspection")),
        document("a circle through introspection in fragments", in_fragments, invalid("introspection")),
        document(
            "a circle through introspection by interfaces",
            "{ __schema { types { possibleTypes { interfaces { possibleTypes { interfaces { name } } } } } } }",
            invalid("introspection"),
        ),
        document("ofType 26 deep", of_type, invalid("over the maximum")),
        document(
            "introspection of 600 fields",
            format!("{{ __schema {{ types {{ {} }} }} }}", repeated(600, |_| "name".to_owned())),
            invalid("introspection field count"),
        ),
        document(
            "introspection under 31 aliases",
            format!("{{ {} }}", repeated(31, |index| format!("a{index}: __schema {{ types {{ name }} }}"))),
            invalid("over the maximum"),
        ),
        document("introspection of what there is not", "{ __type(name: \"'; --\") { name } }", Expected::Sound),
        document("a meta field that there is not", "{ __users { email } }", invalid("__users")),
    ]
}

/// Each fragment spreads the next one twice.
fn doubling(levels: usize) -> String {
    let fragments = repeated(levels, |level| format!("fragment F{level} on Store {{ ...F{0} ...F{0} }}", level + 1));
    format!("{{ stores {{ nodes {{ ...F0 }} }} }} {fragments} fragment F{levels} on Store {{ id }}")
}

/// The same, and every level is a field deeper.
fn doubling_parents(levels: usize) -> String {
    let fragments = repeated(levels, |level| {
        format!("fragment F{level} on Category {{ parent {{ ...F{0} }} children {{ ...F{0} }} }}", level + 1)
    });
    format!("{{ category(slug: \"a\") {{ ...F0 }} }} {fragments} fragment F{levels} on Category {{ id }}")
}

fn unknown_fields() -> String {
    format!("{{ {} }}", repeated(20, |index| format!("{}{index}", "x".repeat(120))))
}
