//! A Redis Cluster of three, and a Redis behind TLS.

use serde_json::json;

use super::hot::{PATIENT, REMOTE_ONLY, filled, id_of, read, until_hot};
use crate::support::{EXPLAIN, Fleet, Shop, TOKEN, until};

const NODES: &str = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { name skus { stock { quantity } } } } }";
const LIST: &str = "{ products(first: 100) { nodes { name } } }";

/// An instance over a Redis of these addresses.
async fn instance(fleet: &Fleet, urls: &str, flags: &[&str]) -> Shop {
    let shop = fleet.instance(&[PATIENT, &["--redis-url", urls], flags].concat()).await;
    until("the cache is in use", async || shop.app.shared.cache.is_trusted()).await;
    shop
}

#[tokio::test]
async fn nodes_lists_fences_and_marks_work_across_the_slots_of_a_cluster() {
    let fleet = filled(1, 100).await;
    let cluster = fleet.stack().redis_cluster(3).await.unwrap();
    let urls: Vec<String> = cluster.nodes().iter().map(|node| node.url()).collect();
    // Two addresses are enough: the third node is found.
    let (one, other) = (
        instance(&fleet, &urls[..2].join(","), REMOTE_ONLY).await,
        instance(&fleet, &urls.join(","), REMOTE_ONLY).await,
    );
    let ids = one.ask("{ products(first: 100) { nodes { id } } }", json!({})).await.strings("/products/nodes", "id");

    let hot = until_hot(&one, NODES, json!({ "ids": ids })).await;
    assert_eq!((hot.found("ProductById"), hot.found("StockByProduct")), ((0, 100, 0), (0, 100, 0)), "{}", hot.text);
    let of_the_other = read(&other, NODES, json!({ "ids": ids })).await;
    assert_eq!((of_the_other.statements(), &of_the_other.json["data"]), (0, &hot.json["data"]));
    until_hot(&one, LIST, json!({})).await;
    assert_eq!(read(&other, LIST, json!({})).await.statements(), 0);

    let mut sizes = Vec::new();
    for node in cluster.nodes() {
        let client = redis::Client::open(node.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        sizes.push(redis::cmd("DBSIZE").query_async::<u64>(&mut connection).await.unwrap());
    }
    assert!(sizes.iter().all(|size| *size > 10), "{sizes:?}");

    for id in &ids[..12] {
        let name = format!("Renamed {id}");
        let written = one.write("productUpdate", json!({ "id": id, "name": name }), "product { id }").await;
        let mine = other.send(NODES, json!({ "ids": [id] }), &[EXPLAIN, (TOKEN, &written.token())]).await;
        assert_eq!(mine.string("/nodes/0/name"), name);
    }
    fleet.stack().await_replay().await.unwrap();
    let after = read(&other, NODES, json!({ "ids": ids })).await;
    assert_eq!(after.strings("/nodes", "name").iter().filter(|name| name.starts_with("Renamed")).count(), 12);
    let list = read(&other, LIST, json!({})).await;
    assert_eq!(list.found("ProductPage"), (0, 0, 1), "{}", list.text);
    assert_eq!(list.strings("/products/nodes", "name").iter().filter(|name| name.starts_with("Renamed")).count(), 12);
    for shop in [one, other] {
        shop.stop().await;
    }
    cluster.stop().await.unwrap();
    fleet.end().await;
}

#[tokio::test]
async fn each_node_of_a_cluster_is_given_the_scripts_anew_when_it_has_lost_them() {
    let fleet = filled(1, 20).await;
    let cluster = fleet.stack().redis_cluster(3).await.unwrap();
    let urls: Vec<String> = cluster.nodes().iter().map(|node| node.url()).collect();
    let shop = instance(&fleet, &urls.join(","), REMOTE_ONLY).await;
    let ids = shop.ask("{ products(first: 20) { nodes { id } } }", json!({})).await.strings("/products/nodes", "id");

    for lost in 0..3 {
        let client = redis::Client::open(cluster.nodes()[lost].url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd("FLUSHALL").exec_async(&mut connection).await.unwrap();
        redis::cmd("SCRIPT").arg("FLUSH").exec_async(&mut connection).await.unwrap();

        until_hot(&shop, NODES, json!({ "ids": ids })).await;
        for id in &ids {
            let name = format!("Round {lost}");
            shop.done("productUpdate", json!({ "id": id, "name": name }), "product { id }").await;
        }
        fleet.stack().await_replay().await.unwrap();
        let names = read(&shop, NODES, json!({ "ids": ids })).await.strings("/nodes", "name");
        assert_eq!(names, vec![format!("Round {lost}"); 20]);
    }
    shop.stop().await;
    cluster.stop().await.unwrap();
    fleet.end().await;
}

#[tokio::test]
async fn a_node_of_a_cluster_that_is_away_fails_no_query_and_is_used_again() {
    let fleet = filled(1, 20).await;
    let cluster = fleet.stack().redis_cluster(3).await.unwrap();
    let urls: Vec<String> = cluster.nodes().iter().map(|node| node.url()).collect();
    let shop = instance(&fleet, &urls.join(","), &[REMOTE_ONLY, &["--redis-timeout-ms", "200"]].concat()).await;
    let ids = shop.ask("{ products(first: 20) { nodes { id } } }", json!({})).await.strings("/products/nodes", "id");
    until_hot(&shop, NODES, json!({ "ids": ids })).await;

    let away = &cluster.nodes()[1];
    away.freeze().await.unwrap();
    for round in 0..10 {
        let id = &ids[round];
        let name = format!("Round {round}");
        let written = shop.write("productUpdate", json!({ "id": id, "name": name }), "product { id }").await;
        let mine = shop.send(NODES, json!({ "ids": ids }), &[(TOKEN, &written.token())]).await;
        assert_eq!(mine.strings("/nodes", "name")[round], name);
    }
    away.thaw().await.unwrap();

    let hot = until_hot(&shop, NODES, json!({ "ids": ids })).await;
    let names = hot.strings("/nodes", "name");
    assert!(names[..10].iter().enumerate().all(|(round, name)| *name == format!("Round {round}")), "{names:?}");
    shop.stop().await;
    cluster.stop().await.unwrap();
    fleet.end().await;
}

#[tokio::test]
async fn a_redis_behind_tls_is_used_when_its_certificate_is_signed_by_the_given_authority() {
    let fleet = filled(1, 1).await;
    let certificate = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
    // In the stack's folder: its programs run under an account of their own.
    let folder = fleet.stack().folder();
    let (cert, key) = (folder.join(format!("{}.pem", fleet.database)), folder.join(format!("{}.key", fleet.database)));
    std::fs::write(&cert, certificate.cert.pem()).unwrap();
    std::fs::write(&key, certificate.signing_key.serialize_pem()).unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (cert, tls_port) = (cert.to_str().unwrap(), port.to_string());
    let files = ["--tls-cert-file", cert, "--tls-key-file", key.to_str().unwrap(), "--tls-ca-cert-file", cert];
    let options = [&files[..], &["--tls-port", &tls_port, "--tls-auth-clients", "no"]].concat();
    let server = fleet.stack().further_redis(&options).await.unwrap();
    let url = format!("rediss://127.0.0.1:{port}/");
    let product = "query ($id: ID!) { product(id: $id) { name } }";

    let trusting = instance(&fleet, &url, &[REMOTE_ONLY, &["--redis-ca-file", cert]].concat()).await;
    let id = id_of(&trusting, "product", "store-1-1").await;
    let hot = until_hot(&trusting, product, json!({ "id": id })).await;
    assert_eq!((hot.calls(), hot.found("ProductById")), (1, (0, 1, 0)), "{}", hot.text);

    let doubting = fleet.instance(&[PATIENT, REMOTE_ONLY, &["--redis-url", &url]].concat()).await;
    for _ in 0..3 {
        let answer = read(&doubting, product, json!({ "id": id })).await;
        assert_eq!(answer.string("/product/name"), "Product");
        assert_eq!(answer.found("ProductById"), (0, 0, 1), "{}", answer.text);
    }
    for shop in [trusting, doubting] {
        shop.stop().await;
    }
    server.kill().await.unwrap();
    fleet.end().await;
}
