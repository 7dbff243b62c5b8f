//! Addresses are verified by mail: after registering, before logging in, and again when they change.

use serde_json::json;

use super::{
    PASSWORD, ask, call, log_in, mailed_on_both, register, request_reset, reset, try_log_in, verified, verify, waiting,
    write,
};
use crate::support::{Shop, SmtpServer, until};

mailed_on_both!(
    whoever_registers_verifies_the_address_before_logging_in,
    an_address_that_has_an_account_is_answered_as_any_other,
    an_address_that_two_register_is_for_who_reads_its_mail,
    a_changed_address_is_verified_anew,
    an_address_that_is_not_verified_is_sent_its_message_again,
    a_token_of_a_former_address_is_no_good,
    an_account_that_is_never_verified_is_dropped,
);

const VERIFIED: &str = "{ viewer { user { email emailVerifiedAt } } }";

async fn whoever_registers_verifies_the_address_before_logging_in(shop: &Shop, smtp: SmtpServer) {
    register(shop, "ada@example.com").await;
    let before = try_log_in(shop, "ada@example.com", PASSWORD).await;
    let wrong = try_log_in(shop, "ada@example.com", "a wrong password").await;
    let mail = smtp.mail("ada@example.com", 1).await;

    assert_eq!(before.user_errors("sessionCreate"), ["input INVALID"]);
    assert_eq!(before.text, wrong.text);
    assert_eq!(mail.subject, "Confirm your e-mail address");
    let token = mail.token();
    assert!(mail.text.contains(&format!("\nhttps://shop.example/email-verify#token={token}\n")), "{}", mail.text);

    assert_eq!(verify(shop, &token).await.string("/emailVerify/email"), "ada@example.com");
    let session = log_in(shop, "ada@example.com").await;
    assert!(ask(shop, &session, VERIFIED, json!({})).await.data("/viewer/user/emailVerifiedAt").is_string());
    assert_eq!(verify(shop, &token).await.user_errors("emailVerify"), ["input.token INVALID"]);
    until("nothing waits", async || waiting(shop).await == 0).await;
}

async fn an_address_that_has_an_account_is_answered_as_any_other(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    let other = |email: &str| json!({ "email": email, "name": "Eve", "password": "another password" });
    let users = shop.count("users WHERE created_at <= $1", chrono::Utc::now()).await;

    let taken = call(shop, "userRegister", other("ADA@example.com"), "email", &[]).await;
    assert_eq!(shop.count("users WHERE created_at <= $1", chrono::Utc::now()).await, users);
    let fresh = call(shop, "userRegister", other("bob@example.com"), "email", &[]).await;

    assert_eq!(taken.json["data"].to_string(), fresh.json["data"].to_string().replace("bob@", "ada@"));
    // The rest of the answer is as long: a token of what was written is sealed.
    assert_eq!(taken.text.len(), fresh.text.len());
    let names = |answer: &crate::support::Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names(&taken), names(&fresh));
    for email in ["ada@example.com", "bob@example.com"] {
        let refused = try_log_in(shop, email, "another password").await;
        assert_eq!(refused.user_errors("sessionCreate"), ["input INVALID"]);
    }
    let mail = smtp.mail("ada@example.com", 2).await;
    assert_eq!(mail.subject, "You have an account already");
    log_in(shop, "ada@example.com").await;
    let chosen = reset(shop, &mail.token(), "a third password").await;
    assert_eq!(chosen.data("/passwordReset/endedSessionCount"), &json!(1));
    try_log_in(shop, "ada@example.com", "a third password").await.string("/sessionCreate/token");
}

/// The first may have been a stranger: neither its password nor its message opens the account any more.
async fn an_address_that_two_register_is_for_who_reads_its_mail(shop: &Shop, smtp: SmtpServer) {
    register(shop, "ada@example.com").await;
    let first = smtp.mail("ada@example.com", 1).await;

    let input = json!({ "email": "ada@example.com", "name": "Ada", "password": "another password" });
    call(shop, "userRegister", input, "email", &[]).await.string("/userRegister/email");
    let second = smtp.mail("ada@example.com", 2).await;

    assert_eq!(second.subject, "You have an account already");
    assert_eq!(verify(shop, &first.token()).await.user_errors("emailVerify"), ["input.token INVALID"]);
    assert_eq!(reset(shop, &second.token(), "a third password").await.user_errors("passwordReset"), [""; 0]);
    for password in [PASSWORD, "another password"] {
        let refused = try_log_in(shop, "ada@example.com", password).await;
        assert_eq!(refused.user_errors("sessionCreate"), ["input INVALID"]);
    }
    try_log_in(shop, "ada@example.com", "a third password").await.string("/sessionCreate/token");
}

async fn a_changed_address_is_verified_anew(shop: &Shop, smtp: SmtpServer) {
    let id = verified(shop, &smtp, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;

    let input = json!({ "id": id, "email": "Ada@example.org", "password": PASSWORD });
    let changed = write(shop, &session, "userUpdate", input, "user { email emailVerifiedAt }").await;

    let user = json!({ "email": "ada@example.org", "emailVerifiedAt": null });
    assert_eq!(changed.data("/userUpdate/user"), &user);
    let notice = smtp.mail("ada@example.com", 2).await;
    assert_eq!(notice.subject, "Your e-mail address was changed");
    assert!(!notice.text.contains("example.org") && !notice.text.contains("sfu_"), "{}", notice.text);
    log_in(shop, "ada@example.org").await;
    let token = smtp.mail("ada@example.org", 1).await.token();
    verify(shop, &token).await.string("/emailVerify/email");
    assert!(ask(shop, &session, VERIFIED, json!({})).await.data("/viewer/user/emailVerifiedAt").is_string());
}

async fn an_address_that_is_not_verified_is_sent_its_message_again(shop: &Shop, smtp: SmtpServer) {
    let id = verified(shop, &smtp, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;
    let to = |email: &str| json!({ "id": id, "email": email, "password": PASSWORD });

    write(shop, &session, "userUpdate", to("ada@example.com"), "user { id }").await.string("/userUpdate/user/id");
    assert_eq!(waiting(shop).await, 0);
    for number in [1, 2] {
        write(shop, &session, "userUpdate", to("ada@example.org"), "user { id }").await.string("/userUpdate/user/id");
        smtp.mail("ada@example.org", number).await;
    }

    let second = smtp.mail("ada@example.org", 2).await;
    verify(shop, &second.token()).await.string("/emailVerify/email");
    assert_eq!(smtp.arrived_for("ada@example.com").len(), 2);
}

async fn a_token_of_a_former_address_is_no_good(shop: &Shop, smtp: SmtpServer) {
    let id = verified(shop, &smtp, "ada@example.com").await;
    let session = log_in(shop, "ada@example.com").await;
    request_reset(shop, "ada@example.com").await;
    let to_reset = smtp.mail("ada@example.com", 2).await.token();
    let move_to = async |email: &str| {
        let input = json!({ "id": id, "email": email, "password": PASSWORD });
        write(shop, &session, "userUpdate", input, "user { id }").await.string("/userUpdate/user/id");
        smtp.mail(email, 1).await.token()
    };

    let to_org = move_to("ada@example.org").await;
    let to_net = move_to("ada@example.net").await;

    let refused = reset(shop, &to_reset, "another password").await;
    assert_eq!(refused.user_errors("passwordReset"), ["input.token INVALID"]);
    assert_eq!(verify(shop, &to_org).await.user_errors("emailVerify"), ["input.token INVALID"]);
    assert_eq!(verify(shop, &to_net).await.string("/emailVerify/email"), "ada@example.net");
    // Even if the token itself had stayed: it is bound to the address that it was sent to.
    request_reset(shop, "ada@example.net").await;
    let bound = smtp.mail("ada@example.net", 2).await.token();
    shop.sql("UPDATE users SET email = 'ada@example.info'", vec![]).await;
    let refused = reset(shop, &bound, "another password").await;
    assert_eq!(refused.user_errors("passwordReset"), ["input.token INVALID"]);
    try_log_in(shop, "ada@example.info", PASSWORD).await.string("/sessionCreate/token");
}

async fn an_account_that_is_never_verified_is_dropped(shop: &Shop, smtp: SmtpServer) {
    verified(shop, &smtp, "ada@example.com").await;
    register(shop, "bob@example.com").await;
    register(shop, "eve@example.com").await;
    let long_ago = chrono::Utc::now() - chrono::TimeDelta::days(8);
    shop.sql("UPDATE users SET created_at = $1 WHERE email <> 'eve@example.com'", vec![long_ago.into()]).await;

    storefront::account::sweep(&shop.db).await.unwrap();

    let users = shop.ask_as_staff("{ users { nodes { email } } }", json!({})).await;
    let mut left = users.strings("/users/nodes", "email");
    left.sort();
    assert_eq!(left, ["ada@example.com", "eve@example.com"]);
}
