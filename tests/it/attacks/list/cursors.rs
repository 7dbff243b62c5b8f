//! Cursors and ids that the shop has not given out, or for something else.

use serde_json::json;

use super::expected::{Expected, invalid, partly};
use super::{Attack, Target, with};

/// The id of an order of the demo shop, as a server with the secret key `the secret of another shop` sealed it; likewise the cursor
/// of its first store and the consistency token of a write there.
pub const FOREIGN_ORDER: &str = "PFH1HI4LNHpcECFy23Vn46hg6zr5Wlvbl6f5L1F-DMjtJ5XN1gs6c8E-ewvyq61pyg";
pub const FOREIGN_CURSOR: &str = "uR-kYklRdaCi5KPKhemJn6HhPlnemY_EvNTCnv1CSzWR-Bbs41xxnsUZkjAci4efrQ";
pub const FOREIGN_TOKEN: &str =
    "mtP6afWXth88pkD6Tk2b9flnuNVGqpD3os-wiCvXDMNqtMsz5VSJW0h97Xdhs5-8xfWp5mdyzKqWxacQ-1jzZmbnB1w83kmXVpfMVMJ0PA";

pub fn attacks(target: &Target) -> Vec<Attack> {
    let mut attacks = cursors(target);
    attacks.extend(ids(target));
    attacks
}

fn cursors(target: &Target) -> Vec<Attack> {
    let stores = "query ($after: String) { stores(after: $after) { nodes { id } } }";
    let products = "query ($after: String) { products(after: $after) { nodes { id } } }";
    let by_price = "query ($after: String) { products(after: $after, orderBy: {field: PRICE}) { nodes { id } } }";
    let with_cursor = |name, query, cursor: &str, expected| with(name, query, &json!({ "after": cursor }), expected);
    let changed = || target.cursor.chars().rev().collect::<String>();
    let not_one = || partly("is not a cursor");
    vec![
        with_cursor(
            "a cursor of another list",
            products,
            &target.cursor,
            partly("of a list with another order or filter"),
        ),
        with_cursor(
            "a cursor of another list and order",
            by_price,
            &target.cursor,
            partly("of a list with another order or filter"),
        ),
        with_cursor("a cursor of another shop", stores, FOREIGN_CURSOR, not_one()),
        with_cursor("a cursor that was turned round", stores, &changed(), not_one()),
        with_cursor("a cursor without its last letter", stores, &target.cursor[..target.cursor.len() - 1], not_one()),
        with_cursor("half a cursor", stores, &target.cursor[..target.cursor.len() / 2], not_one()),
        with_cursor("a cursor twice", stores, &target.cursor.repeat(2), not_one()),
        with_cursor("a cursor with a line break behind it", stores, &format!("{}\n", target.cursor), not_one()),
        with_cursor("an offset as others encode it", stores, "YXJyYXljb25uZWN0aW9uOjEwMDAwMDA=", not_one()),
        with_cursor("a made-up cursor", stores, "b2Zmc2V0OjEwMDAwMDAwMDA", not_one()),
        with_cursor("an empty cursor", stores, "", not_one()),
        with_cursor("a cursor of null bytes", stores, &"\0".repeat(64), not_one()),
        with_cursor("a cursor of 100 KB", stores, &"A".repeat(100 * 1024), not_one()),
        with_cursor("a cursor of emoji", stores, &"🪑".repeat(100), not_one()),
        with_cursor("SQL for a cursor", stores, "' OR 1=1 --", not_one()),
        with("a cursor that is a number", stores, &json!({ "after": 7 }), invalid("variable $after")),
    ]
}

fn ids(target: &Target) -> Vec<Attack> {
    let product = "query ($id: ID!) { product(id: $id) { id } }";
    let node = "query ($id: ID!) { node(id: $id) { id } }";
    let with_id = |name, query, id: &str, expected| with(name, query, &json!({ "id": id }), expected);
    let not_one = || partly("is not an id");
    let order = "query ($id: ID!) { node(id: $id) { ... on Order { total { amount } user { email } } } }";
    vec![
        with_id("an id of another type", product, &target.store, partly("is the id of a Store, not of a Product")),
        with_id("the order of another shop", order, FOREIGN_ORDER, not_one()),
        with_id("an order that was not sealed", order, "BgAAAAAAAAAAAAAAAAAAAAA", not_one()),
        with_id("an id of a type that there is not", node, "_wAAAAAAAAAAAAAAAAAAAAA", not_one()),
        with_id("an id that nothing has", node, "AQAAAAAAAAAAAAAAAAAAAAA", Expected::Data(json!({ "node": null }))),
        with_id("a second spelling of an id", node, "AQAAAAAAAAAAAAAAAAAAAAB", not_one()),
        with_id("an id with padding", node, "AQAAAAAAAAAAAAAAAAAAAAA=", not_one()),
        with_id("an id with a null byte", node, "AQAAAAAAAAAAAAAAAAAAAA\0", not_one()),
        with_id("an id without its last letter", node, &target.product[..target.product.len() - 1], not_one()),
        with_id("a database key", node, "018f2b6e-7c1a-7000-8000-000000000001", not_one()),
        with_id("a number for an id", node, "1", not_one()),
        with("a number that is no text", node, &json!({ "id": 1 }), not_one()),
        with_id("an empty id", node, "", not_one()),
        with_id("an id of 100 KB of letters", node, &"A".repeat(100 * 1024), not_one()),
        with_id("an id of emoji", node, "🪑🪑🪑🪑🪑", not_one()),
        with_id("a path for an id", node, "../../../../etc/passwd", not_one()),
        with_id("an address for an id", node, "http://169.254.169.254/latest/meta-data", not_one()),
    ]
}
