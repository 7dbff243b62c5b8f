//! Operations within every limit that cost too much.

use serde_json::json;

use super::expected::too_dear;
use super::{Attack, Target, attack, document, repeated, request, with};

pub fn attacks(target: &Target) -> Vec<Attack> {
    let pages = "{ products(first: 100) { nodes { store { products(first: 100) { nodes { id } } } } } }";
    let by_variable =
        "query ($n: Int!) { stores(first: $n) { nodes { products(first: $n) { nodes { id skus { id } } } } } }";
    let defaults = "{ stores { nodes { products { nodes { store { products { nodes { id } } } } } } } }";
    let in_fragments = "{ products(first: 100) { nodes { ...A } } } fragment A on Product { store { ...B } } \
                        fragment B on Store { products(first: 100) { ...C } } fragment C on ProductConnection { nodes { id } }";
    let edges =
        "{ products(first: 100) { edges { node { store { products(first: 100) { edges { node { id } } } } } } } }";
    let nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Store { products(first: 100) { nodes { id } } } } }";
    let five_lists = repeated(5, |index| {
        format!(
            "a{index}: products(first: 100) {{ nodes {{ store {{ id }} category {{ id }} skus {{ id stock {{ quantity }} }} }} }}"
        )
    });
    let hidden = "query ($no: Boolean = false) { products(first: 100) { nodes { store @skip(if: $no) { products(first: 100) { nodes { id } } } } } }";
    let orders = "{ users(first: 100) { nodes { orders(first: 100) { nodes { items { id } } } } } }";
    vec![
        document("a page of 100 in a page of 100", pages, too_dear("products.nodes.store.products")),
        document("the sum of it", pages, too_dear("over the maximum of 5000")),
        with("pages of 100 by a variable", by_variable, &json!({ "n": 100 }), too_dear("stores.nodes.products")),
        document("pages of no size inside each other", defaults, too_dear("stores.nodes.products")),
        document("pages inside each other in fragments", in_fragments, too_dear("products.nodes.store.products")),
        document("pages inside each other by their edges", edges, too_dear("products.edges.node.store.products")),
        with(
            "100 nodes with a page of 100 each",
            nodes,
            &json!({ "ids": vec![&target.store; 100] }),
            too_dear("nodes.products"),
        ),
        document("five lists under aliases", format!("{{ {five_lists} }}"), too_dear("a0.nodes")),
        document("a page that is not skipped", hidden, too_dear("products.nodes.store.products")),
        attack(
            "every order of every user, as staff",
            request::post(&json!({ "query": orders })).header("x-storefront-staff-key", &target.staff_key),
            too_dear("users.nodes.orders"),
        ),
        attack(
            "a page of 100 in a page of 100 by GET",
            request::get(&[("query", pages)]),
            too_dear("products.nodes.store.products"),
        ),
    ]
}
