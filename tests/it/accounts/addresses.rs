//! Which addresses have an account is told to nobody who asks for many.

use serde_json::json;

use super::{PASSWORD, log_in, register, try_log_in, write};
use crate::support::{STAFF, Shop, on_both};

on_both!(addresses_that_are_taken_are_counted, staff_is_told_of_as_many_as_they_ask);

async fn addresses_that_are_taken_are_counted(shop: &Shop) {
    let id = register(shop, "ada@example.com").await;
    register(shop, "bob@example.com").await;
    let session = log_in(shop, "ada@example.com").await;
    let to = |email: &str| json!({ "id": id, "email": email, "password": PASSWORD });
    let before = shop.rows().await;

    for _ in 0..10 {
        let taken = write(shop, &session, "userUpdate", to("bob@example.com"), "user { id }").await;
        assert_eq!(taken.user_errors("userUpdate"), ["input.email TAKEN"]);
        try_log_in(shop, "ada@example.com", PASSWORD).await.string("/sessionCreate/token");
    }

    for email in ["bob@example.com", "eve@example.com"] {
        let throttled = write(shop, &session, "userUpdate", to(email), "user { id }").await;
        assert_eq!((throttled.status, throttled.error().0.as_str()), (429, "THROTTLED"));
    }
    assert_eq!(shop.rows().await, before);
    let renamed = write(shop, &session, "userUpdate", json!({ "id": id, "name": "Ada" }), "user { name }").await;
    assert_eq!(renamed.string("/userUpdate/user/name"), "Ada");
}

async fn staff_is_told_of_as_many_as_they_ask(shop: &Shop) {
    let id = register(shop, "ada@example.com").await;
    register(shop, "bob@example.com").await;

    for _ in 0..12 {
        let input = json!({ "id": id, "email": "bob@example.com" });
        let taken = super::call(shop, "userUpdate", input, "user { id }", &[STAFF]).await;
        assert_eq!(taken.user_errors("userUpdate"), ["input.email TAKEN"]);
    }
}
