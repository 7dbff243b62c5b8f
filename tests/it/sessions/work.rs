//! What an answer to a login tells by itself and by the work that was done for it: nothing of whether there is such an account.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::accounts::PASSWORD;
use crate::support::{Answer, Program, STAFF_KEY};

/// What is different in each answer: its id, and when it was given.
const OF_EACH: [&str; 3] = ["x-request-id", "date", "ratelimit"];
/// What servers do by themselves.
const BESIDE: [&str; 1] = ["changeLog"];

struct Shop {
    program: Program,
    _folder: TempDir,
}

impl Shop {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::serve(folder.path(), &[("STOREFRONT_STAFF_KEY", STAFF_KEY)]).await;
        Self { program, _folder: folder }
    }

    async fn send(&self, query: &str, variables: Value, headers: &[(&str, &str)]) -> Answer {
        self.program.post(json!({ "query": query, "variables": variables }), headers).await
    }

    async fn log_in(&self, email: &str, password: &str) -> Answer {
        let query = "mutation ($e: String!, $p: String!) { sessionCreate(input: { email: $e, password: $p }) {
            token session { id } userErrors { field code message } } }";
        self.send(query, json!({ "e": email, "p": password }), &[]).await
    }

    /// How often each statement was run so far, and how many passwords were hashed.
    async fn work(&self) -> BTreeMap<String, i64> {
        let text = self.program.get("/metrics").await.text().await.unwrap();
        let is_work = |series: &str| {
            let is_beside = BESIDE.iter().any(|label| series.contains(&format!("\"{label}\"")));
            series.starts_with("storefront_password_hashes_total")
                || series.starts_with("storefront_sql_statements_total") && !is_beside
        };
        let samples = text.lines().filter_map(|line| line.rsplit_once(' ')).filter(|(series, _)| is_work(series));
        samples.map(|(series, count)| (series.to_owned(), count.parse::<f64>().unwrap() as i64)).collect()
    }

    /// The answer to a login, and what was done for it.
    async fn worked(&self, email: &str, password: &str) -> (Answer, BTreeMap<String, i64>) {
        let before = self.work().await;
        let answer = self.log_in(email, password).await;
        let mut after = self.work().await;
        after.iter_mut().for_each(|(series, count)| *count -= before.get(series).copied().unwrap_or_default());
        after.retain(|_, count| *count != 0);
        (answer, after)
    }
}

fn told(answer: &Answer) -> (u16, String, BTreeMap<String, String>) {
    let headers = answer.headers.iter().filter(|(name, _)| !OF_EACH.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (answer.status, answer.text.clone(), headers.collect())
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_account_are_the_same_answer_and_the_same_work() {
    let shop = Shop::open().await;
    let register = "mutation ($input: UserRegisterInput!) { userRegister(input: $input) { email } }";
    let input = json!({ "email": "ada@example.com", "name": "Ada", "password": PASSWORD });
    shop.send(register, json!({ "input": input }), &[]).await.string("/userRegister/email");
    let create = "mutation { userCreate(input: { email: \"bob@example.com\", name: \"Bob\" }) { user { id } } }";
    shop.send(create, json!({}), &[("x-storefront-staff-key", STAFF_KEY)]).await.string("/userCreate/user/id");
    // What is made once is made.
    shop.log_in("nobody@example.com", "warm").await;

    let (wrong, work_on_wrong) = shop.worked("ada@example.com", "a wrong password").await;
    assert_eq!(wrong.user_errors("sessionCreate"), ["input INVALID"]);
    assert_eq!(work_on_wrong["storefront_password_hashes_total"], 1);
    for email in ["eve@example.com", "bob@example.com", "no address", "ADA@example.com", "ada@example.com"] {
        let (answer, work) = shop.worked(email, "a wrong password").await;

        assert_eq!(told(&answer), told(&wrong), "{email}");
        assert_eq!(work, work_on_wrong, "{email}");
    }
    // Throttled alike as well, and then no password is looked at.
    for email in ["ada@example.com", "eve@example.com"] {
        let (mut last, mut work) = shop.worked(email, "a wrong password").await;
        while last.status == 200 {
            (last, work) = shop.worked(email, "a wrong password").await;
        }
        assert_eq!((last.status, last.error().0.as_str()), (429, "THROTTLED"), "{email}");
        assert!(!work.contains_key("storefront_password_hashes_total"), "{work:?}");
    }
    shop.program.stop().await;
}

#[tokio::test]
async fn who_exists_is_not_told_by_the_work_on_a_look_up() {
    let shop = Shop::open().await;
    let register = "mutation ($input: UserRegisterInput!) { userRegister(input: $input) { email } }";
    for email in ["ada@example.com", "eve@example.com"] {
        let input = json!({ "email": email, "name": "N", "password": PASSWORD });
        shop.send(register, json!({ "input": input }), &[]).await.string("/userRegister/email");
    }
    let session = shop.log_in("eve@example.com", PASSWORD).await.string("/sessionCreate/token");
    let (nobody, eve) = (vec![], vec![("authorization", format!("Bearer {session}"))]);
    for headers in [&nobody, &eve] {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value): &(&str, String)| (*name, value.as_str())).collect();
        let mut answers = Vec::new();
        for email in ["warm@example.com", "ada@example.com", "mallory@example.com"] {
            let before = shop.work().await;
            let query = format!("{{ user(email: \"{email}\") {{ id }} }}");
            let answer = shop.send(&query, json!({}), &headers).await;
            let after = shop.work().await;
            let work: i64 = after.values().sum::<i64>() - before.values().sum::<i64>();
            answers.push((told(&answer), work));
        }
        assert_eq!(answers[1], answers[2]);
    }
    shop.program.stop().await;
}
