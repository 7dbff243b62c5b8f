//! What becomes text or bytes and comes back: ids, cursors, cached nodes, consistency tokens.

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use chrono::DateTime;
use storefront::auth::{Seal, SecretKey};
use storefront::cache;
use storefront::db::{Changed, Epoch, Lsn, NodeKind, NodeVersion, Position, SortKey, Token, TokenCodec};
use storefront::graphql::{IdCodec, Kind, Loaders, Owned, cursor, plain_id};
use storefront::product::{Depth, ProductById, ProductNode};
use uuid::Uuid;

use crate::case::{Call, Case};
use crate::shop::Shop;

pub const CASES: &[Case] = &[
    Case { name: "id/encode", what: "the global id of a product", make: id_encode },
    Case {
        name: "id/decode",
        what: "what a product's id names",
        make: |_| id_decode(|_| plain_id(Kind::Product, ID).0),
    },
    Case {
        name: "id/decode-owned",
        what: "what an order's sealed id names",
        make: |_| id_decode(|codec| codec.owned(Kind::Order, Owned { user: ID, id: ID }).0),
    },
    Case { name: "cursor/encode", what: "the sealed cursor of a place by time", make: cursor_encode },
    Case { name: "cursor/decode", what: "the place that a cursor names", make: cursor_decode },
    Case { name: "cache/encode", what: "a product with 3 skus as bytes", make: cache_encode },
    Case { name: "cache/decode", what: "the product in the bytes", make: cache_decode },
    Case { name: "token/seal", what: "a consistency token with 2 nodes as text", make: token_seal },
    Case { name: "token/open", what: "the token in the text", make: token_open },
    Case { name: "token/merge", what: "one token for two with 2 nodes each", make: token_merge },
];

const ID: Uuid = Uuid::from_u128(0x0199_3c5f_7a2b_7def_8123_4567_89ab_cdef);
const FINGERPRINT: u64 = 7;
const TOKEN_LIFE_US: i64 = 30_000_000;

fn secret() -> SecretKey {
    SecretKey::new("the secret of the measured shop")
}

fn id_encode(_: &Path) -> anyhow::Result<Call> {
    Ok(Box::new(|meter| drop(meter.count(|| plain_id(Kind::Product, black_box(ID))))))
}

fn id_decode(make: fn(&IdCodec) -> String) -> anyhow::Result<Call> {
    let codec = IdCodec::new(&secret());
    let id = make(&codec);
    Ok(Box::new(move |meter| assert!(meter.count(|| codec.parse(&id)).is_ok())))
}

fn place() -> (Seal, Position) {
    let time = DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap_or_default();
    (secret().seal("cursor"), Position { key: SortKey::Time(time), id: ID })
}

fn cursor_encode(_: &Path) -> anyhow::Result<Call> {
    let (seal, position) = place();
    Ok(Box::new(move |meter| drop(meter.count(|| cursor::write(&seal, FINGERPRINT, &position)))))
}

fn cursor_decode(_: &Path) -> anyhow::Result<Call> {
    let (seal, position) = place();
    let text = cursor::write(&seal, FINGERPRINT, &position);
    Ok(Box::new(move |meter| drop(meter.count(|| cursor::read(&seal, FINGERPRINT, &text)).expect("it is a cursor"))))
}

/// A product with 3 skus, read from the shop.
fn product(file: &Path) -> anyhow::Result<Arc<ProductNode>> {
    let shop = Shop::cached(file)?;
    let (_, id) = shop.product_with(3)?;
    let loaders = Loaders::new(shop.reads());
    let node = shop.runtime.block_on(loaders.load::<ProductById>(ProductById::key(id, Depth::NODE)))?;
    node.filter(|node| node.skus.as_ref().is_some_and(|skus| skus.len() == 3)).context("no product with 3 skus")
}

fn cache_encode(file: &Path) -> anyhow::Result<Call> {
    let node = product(file)?;
    Ok(Box::new(move |meter| drop(meter.count(|| cache::encode(&*node)).expect("it is not too long"))))
}

fn cache_decode(file: &Path) -> anyhow::Result<Call> {
    let node = product(file)?;
    let bytes = cache::encode(&*node).context("too long")?;
    let id = node.row.id;
    Ok(Box::new(move |meter| drop(meter.count(|| cache::decode::<ProductNode>(id, &bytes)).expect("it is a product"))))
}

fn token(position: u64) -> Token {
    let node = |kind| NodeVersion { kind, id: ID, version: position as i64 };
    Token {
        position: Some((Epoch { system: 7, timeline: 1 }, Lsn(position))),
        issued_us: 1_790_000_000_123_456,
        primary_until_us: None,
        changed: Changed::Nodes(vec![node(NodeKind::Product), node(NodeKind::Stock)]),
    }
}

fn token_codec() -> TokenCodec {
    TokenCodec::new(secret().seal("consistency"))
}

fn token_seal(_: &Path) -> anyhow::Result<Call> {
    let (codec, token) = (token_codec(), token(99));
    Ok(Box::new(move |meter| drop(meter.count(|| codec.close(&token)))))
}

fn token_open(_: &Path) -> anyhow::Result<Call> {
    let codec = token_codec();
    let text = codec.close(&token(99));
    Ok(Box::new(move |meter| drop(meter.count(|| codec.open(&text)).expect("it is a token"))))
}

fn token_merge(_: &Path) -> anyhow::Result<Call> {
    let (token, other) = (token(99), token(100));
    Ok(Box::new(move |meter| {
        let mut merged = token.clone();
        meter.count(|| merged.merge(&other, TOKEN_LIFE_US));
    }))
}
