//! Creating, changing, moving and deleting categories.

use serde_json::json;

use crate::support::{Shop, on_both};

const WHOLE: &str = "category { slug name description position parent { slug } ancestors { slug } children { slug } }";

on_both!(
    a_category_is_created_as_it_was_given,
    an_update_of_a_category_changes_what_is_given,
    null_makes_a_root_and_absence_leaves_the_place,
    a_categorys_input_has_its_bounds,
    a_categorys_slug_is_taken_once,
    a_category_is_not_put_below_itself,
    the_tree_has_at_most_ten_levels,
    a_category_in_use_is_not_deleted,
    what_is_gone_is_not_changed,
    what_is_below_moves_along,
);

async fn a_category_is_created_as_it_was_given(shop: &Shop) {
    let root = shop.category("root", None).await;
    let input = json!({ "parentId": root, "slug": "boards", "name": "Boards", "description": "a\nb", "position": 7 });

    let created = shop.done("categoryCreate", input, WHOLE).await;
    let next = shop.done("categoryCreate", json!({ "parentId": root, "slug": "next", "name": "Next" }), WHOLE).await;

    let above = json!({ "slug": "root" });
    assert_eq!(
        created["category"],
        json!({
            "slug": "boards", "name": "Boards", "description": "a\nb", "position": 7,
            "parent": above, "ancestors": [above], "children": []
        })
    );
    assert_eq!(next["category"]["position"], 8);
    assert_eq!(next["category"]["description"], "");
}

async fn an_update_of_a_category_changes_what_is_given(shop: &Shop) {
    let root = shop.category("root", None).await;
    let id = shop.category("boards", Some(&root)).await;
    let mut expected = shop.done("categoryUpdate", json!({ "id": id }), WHOLE).await;

    let change = json!({ "id": id, "name": "New", "slug": null, "description": null, "position": null });
    let changed = shop.done("categoryUpdate", change, WHOLE).await;

    expected["category"]["name"] = json!("New");
    assert_eq!(changed, expected);
}

async fn null_makes_a_root_and_absence_leaves_the_place(shop: &Shop) {
    let root = shop.category("root", None).await;
    let id = shop.category("boards", Some(&root)).await;
    let mutation = "mutation ($id: ID!, $name: String, $parent: ID) {
        categoryUpdate(input: { id: $id, name: $name, parentId: $parent }) { category { name parent { slug } } } }";

    let absent = shop.ask_as_staff(mutation, json!({ "id": id })).await;
    let null = shop.ask_as_staff(mutation, json!({ "id": id, "parent": null })).await;

    assert_eq!(absent.data("/categoryUpdate/category"), &json!({ "name": "boards", "parent": { "slug": "root" } }));
    assert_eq!(null.data("/categoryUpdate/category"), &json!({ "name": "boards", "parent": null }));
}

async fn a_categorys_input_has_its_bounds(shop: &Shop) {
    let id = shop.category("boards", None).await;

    for (field, value, code) in [
        ("name", json!("n".repeat(256)), "TOO_LONG"),
        ("name", json!("\t"), "BLANK"),
        ("name", json!("a\u{0}"), "INVALID"),
        ("description", json!("d".repeat(20_001)), "TOO_LONG"),
        ("description", json!("\u{0}"), "INVALID"),
        ("slug", json!("A"), "INVALID"),
        ("slug", json!("s".repeat(256)), "TOO_LONG"),
        ("position", json!(-1), "INVALID"),
        ("position", json!(1_000_001), "INVALID"),
    ] {
        let mut create = json!({ "slug": "new", "name": "New" });
        create[field] = value.clone();
        let mut update = json!({ "id": id });
        update[field] = value;

        for refusals in [shop.refused("categoryCreate", create).await, shop.refused("categoryUpdate", update).await] {
            // A tab is blank and a control character as well.
            assert_eq!(refusals[0], format!("input.{field} {code}"));
        }
    }
}

async fn a_categorys_slug_is_taken_once(shop: &Shop) {
    let id = shop.category("boards", None).await;
    shop.category("other", Some(&id)).await;

    assert_eq!(shop.refused("categoryCreate", json!({ "slug": "boards", "name": "n" })).await, ["input.slug TAKEN"]);
    assert_eq!(shop.refused("categoryUpdate", json!({ "id": id, "slug": "other" })).await, ["input.slug TAKEN"]);
    shop.done("categoryUpdate", json!({ "id": id, "slug": "boards" }), "").await;
}

async fn a_category_is_not_put_below_itself(shop: &Shop) {
    let root = shop.category("root", None).await;
    let child = shop.category("child", Some(&root)).await;
    let grandchild = shop.category("grandchild", Some(&child)).await;

    for below in [&root, &child, &grandchild] {
        let refusals = shop.refused("categoryUpdate", json!({ "id": root, "parentId": below })).await;

        assert_eq!(refusals, ["input.parentId INVALID"]);
    }
    let nothing = super::id_of_nothing("Category");
    let created = json!({ "parentId": nothing, "slug": "new", "name": "n" });
    assert_eq!(shop.refused("categoryCreate", created).await, ["input.parentId NOT_FOUND"]);
    let moved = json!({ "id": child, "parentId": nothing });
    assert_eq!(shop.refused("categoryUpdate", moved).await, ["input.parentId NOT_FOUND"]);
}

async fn the_tree_has_at_most_ten_levels(shop: &Shop) {
    let mut branch = vec![shop.category("level-1", None).await];
    for level in 2..=10 {
        let above = branch.last().cloned();
        branch.push(shop.category(&format!("level-{level}"), above.as_deref()).await);
    }
    let root = shop.category("root", None).await;
    let child = shop.category("child", Some(&root)).await;

    let eleventh = json!({ "parentId": branch[9], "slug": "new", "name": "n" });
    let two_below_the_ninth = json!({ "id": root, "parentId": branch[8] });

    assert_eq!(shop.refused("categoryCreate", eleventh).await, ["input.parentId TOO_MANY"]);
    assert_eq!(shop.refused("categoryUpdate", two_below_the_ninth).await, ["input.parentId TOO_MANY"]);
    assert_eq!(
        shop.refused("categoryUpdate", json!({ "id": branch[0], "parentId": child })).await,
        ["input.parentId TOO_MANY"]
    );
    let deepest = shop
        .done("categoryUpdate", json!({ "id": root, "parentId": branch[7] }), "category { ancestors { slug } }")
        .await;
    assert_eq!(deepest["category"]["ancestors"].as_array().map(Vec::len), Some(8));
}

async fn a_category_in_use_is_not_deleted(shop: &Shop) {
    let store = shop.store("acme").await;
    let root = shop.category("root", None).await;
    let child = shop.category("child", Some(&root)).await;
    let draft = json!({ "storeId": store, "categoryId": child, "slug": "oak", "name": "n", "status": "DRAFT" });
    let product = shop.product_with(draft).await;

    assert_eq!(shop.refused("categoryDelete", json!({ "id": root })).await, ["input.id IN_USE"]);
    assert_eq!(shop.refused("categoryDelete", json!({ "id": child })).await, ["input.id IN_USE"]);

    shop.done("productDelete", json!({ "id": product }), "").await;
    for id in [&child, &root] {
        let gone = shop.done("categoryDelete", json!({ "id": id }), "deletedCategoryId").await;
        assert_eq!(gone["deletedCategoryId"], json!(id));
    }
}

async fn what_is_gone_is_not_changed(shop: &Shop) {
    let id = shop.category("boards", None).await;
    shop.done("categoryDelete", json!({ "id": id }), "").await;

    assert_eq!(shop.refused("categoryUpdate", json!({ "id": id, "name": "n" })).await, ["input.id NOT_FOUND"]);
    assert_eq!(shop.refused("categoryDelete", json!({ "id": id })).await, ["input.id NOT_FOUND"]);
    let below = json!({ "parentId": id, "slug": "new", "name": "n" });
    assert_eq!(shop.refused("categoryCreate", below).await, ["input.parentId NOT_FOUND"]);
}

async fn what_is_below_moves_along(shop: &Shop) {
    let store = shop.store("acme").await;
    let (from, to) = (shop.category("from", None).await, shop.category("to", None).await);
    let moved = shop.category("moved", Some(&from)).await;
    let below = shop.category("below", Some(&moved)).await;
    let product = json!({ "storeId": store, "categoryId": below, "slug": "oak", "name": "n", "status": "ACTIVE" });
    shop.product_with(product).await;

    let selection =
        "category { parent { children { slug } products { nodes { slug category { ancestors { slug } } } } } }";
    let done = shop.done("categoryUpdate", json!({ "id": moved, "parentId": to }), selection).await;

    let ancestors = json!({ "ancestors": [{ "slug": "to" }, { "slug": "moved" }] });
    let products = json!({ "nodes": [{ "slug": "oak", "category": ancestors }] });
    assert_eq!(done["category"]["parent"], json!({ "children": [{ "slug": "moved" }], "products": products }));
    let left =
        shop.ask("{ category(slug: \"from\") { children { slug } products { nodes { slug } } } }", json!({})).await;
    assert_eq!(left.data("/category"), &json!({ "children": [], "products": { "nodes": [] } }));
}
