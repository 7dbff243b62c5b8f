//! Pages of other sites, which send what a browser lets them, with the visitor's cookies.

use serde_json::json;

use super::expected::{Expected, only_by_post, refused, refused_as};
use super::request::{Http, get, post};
use super::{Attack, Target, attack};

pub fn attacks(target: &Target) -> Vec<Attack> {
    let ask = || get(&[("query", "{ __typename }")]);
    let forbidden = |name, request: Http| attack(name, request, refused_as("FORBIDDEN", 403, ""));
    let create = "mutation { storeCreate(input: {slug: \"s\", name: \"s\", currencyCode: EUR}) { store { id } } }";
    let body = json!({ "query": create });
    vec![
        forbidden(
            "an image of another site",
            ask()
                .header("sec-fetch-site", "cross-site")
                .header("sec-fetch-dest", "image")
                .header("sec-fetch-mode", "no-cors"),
        ),
        forbidden(
            "a script of another site",
            ask().header("sec-fetch-site", "cross-site").header("sec-fetch-dest", "script"),
        ),
        forbidden(
            "a page of another site that fetches",
            ask().header("sec-fetch-site", "cross-site").header("origin", "https://evil.example"),
        ),
        forbidden(
            "a page of a neighbour that fetches",
            ask().header("sec-fetch-site", "same-site").header("origin", "https://blog.shop.example"),
        ),
        forbidden("a page without an origin", ask().header("sec-fetch-site", "cross-site").header("origin", "null")),
        forbidden("an old browser on a page of another site", ask().header("origin", "https://evil.example")),
        forbidden("a host that begins like this one", ask().header("origin", "https://shop.example.evil.example")),
        forbidden("a host that ends like this one", ask().header("origin", "https://evil-shop.example")),
        forbidden("this host on another port", ask().header("origin", "https://shop.example:8443")),
        forbidden(
            "a form of another site by GET",
            ask().header("sec-fetch-site", "cross-site").header("content-type", "application/x-www-form-urlencoded"),
        ),
        forbidden(
            "a page of another site with a content type that needs no preflight",
            ask().header("sec-fetch-site", "cross-site").header("content-type", "text/plain"),
        ),
        forbidden(
            "a page of another site with the visitor's cookies",
            ask().header("sec-fetch-site", "cross-site").header("cookie", "storefront_consistency_000000000000=a"),
        ),
        attack(
            "a page that only says that it is ours",
            ask().header("sec-fetch-site", "same-origin").header("referer", "https://evil.example/"),
            Expected::Sound,
        ),
        attack(
            "a form of another site by POST, as staff",
            post(&body)
                .without("content-type")
                .header("content-type", "text/plain")
                .header("origin", "https://evil.example")
                .header("x-storefront-staff-key", &target.staff_key),
            refused(415, ""),
        ),
        attack(
            "a beacon of another site, as staff",
            post(&body)
                .without("content-type")
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "cross-site")
                .header("x-storefront-staff-key", &target.staff_key),
            refused(415, ""),
        ),
        attack(
            "a link to a mutation, as staff",
            get(&[("query", create)]).header("x-storefront-staff-key", &target.staff_key),
            only_by_post(),
        ),
        attack(
            "a link to a mutation behind a query, as staff",
            get(&[
                ("query", &format!("query A {{ __typename }} {}", create.replacen("mutation", "mutation B", 1))),
                ("operationName", "B"),
            ])
            .header("x-storefront-staff-key", &target.staff_key),
            only_by_post(),
        ),
    ]
}
