//! The answer to a GraphQL request, with short ways to look into it.

use reqwest::header::HeaderMap;
use serde_json::Value;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The body, but for how much is left of the client's window, which every request changes.
    pub text: String,
    pub json: Value,
}

impl Answer {
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text: without_window(&text), json }
    }

    /// The data at a JSON pointer, of an answer without errors.
    #[track_caller]
    pub fn data(&self, pointer: &str) -> &Value {
        assert!(self.json.get("errors").is_none(), "{}", self.text);
        self.json["data"].pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer} in {}", self.text))
    }

    /// The text at a JSON pointer into the data.
    #[track_caller]
    pub fn string(&self, pointer: &str) -> String {
        self.data(pointer).as_str().unwrap_or_else(|| panic!("no text at {pointer} in {}", self.text)).to_owned()
    }

    /// The texts of one field of each object in a list.
    #[track_caller]
    pub fn strings(&self, list: &str, field: &str) -> Vec<String> {
        let list = self.data(list).as_array().unwrap_or_else(|| panic!("no list at {list} in {}", self.text));
        list.iter().map(|object| object[field].as_str().unwrap_or("null").to_owned()).collect()
    }

    /// Code and message of the first error.
    #[track_caller]
    pub fn error(&self) -> (String, String) {
        let error = &self.json["errors"][0];
        assert!(error.is_object(), "no error in {}", self.text);
        let code = error["extensions"]["code"].as_str().unwrap_or_default().to_owned();
        (code, error["message"].as_str().unwrap_or_default().to_owned())
    }

    /// Field and code of each user error of a payload: `input.slug TAKEN`.
    #[track_caller]
    pub fn user_errors(&self, payload: &str) -> Vec<String> {
        let errors = self.data(&format!("/{payload}/userErrors")).as_array().unwrap();
        let describe = |error: &Value| {
            let field: Vec<&str> = error["field"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            format!("{} {}", field.join("."), error["code"].as_str().unwrap_or_default())
        };
        errors.iter().map(describe).collect()
    }

    /// How many SQL statements the operation ran.
    #[track_caller]
    pub fn statements(&self) -> u64 {
        assert!(self.json.get("errors").is_none(), "{}", self.text);
        let count = &self.json["extensions"]["explain"]["statementCount"];
        count.as_u64().unwrap_or_else(|| panic!("nothing explained in {}", self.text))
    }
}

/// `extensions.cost.window` is the last of its kind in its object, and has none inside.
fn without_window(text: &str) -> String {
    let mut parts = text.split(",\"window\":{");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('}').map_or("", |(_, rest)| rest))
}
