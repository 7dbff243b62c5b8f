//! The JSON of an answer's data: the bytes that serde_json writes, without its many small steps.

use async_graphql::{Name, Value};

/// The JSON of a value, if it is no longer than so many bytes.
pub fn within(value: &Value, most: usize) -> Option<Vec<u8>> {
    let mut json = Json { bytes: Vec::with_capacity(1024), most };
    json.value(value)?;
    Some(json.bytes)
}

struct Json {
    bytes: Vec<u8>,
    most: usize,
}

impl Json {
    /// `None` once it is too long.
    fn value(&mut self, value: &Value) -> Option<()> {
        match value {
            Value::Null => self.bytes.extend_from_slice(b"null"),
            Value::Boolean(true) => self.bytes.extend_from_slice(b"true"),
            Value::Boolean(false) => self.bytes.extend_from_slice(b"false"),
            Value::String(text) => self.text(text),
            Value::Enum(name) => self.name(name),
            Value::Number(_) | Value::Binary(_) => serde_json::to_writer(&mut self.bytes, value).ok()?,
            Value::List(items) => {
                self.bytes.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    self.bytes.extend((index > 0).then_some(b','));
                    self.value(item)?;
                }
                self.bytes.push(b']');
            }
            Value::Object(fields) => {
                self.bytes.push(b'{');
                for (index, (name, value)) in fields.iter().enumerate() {
                    self.bytes.extend((index > 0).then_some(b','));
                    self.name(name);
                    self.bytes.push(b':');
                    self.value(value)?;
                }
                self.bytes.push(b'}');
            }
        }
        (self.bytes.len() <= self.most).then_some(())
    }

    /// A name has letters, digits and underscores.
    fn name(&mut self, name: &Name) {
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(b'"');
    }

    fn text(&mut self, text: &str) {
        let is_escaped = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        // To the end in any case: like this many bytes are looked at in one step.
        if text.bytes().fold(false, |any, byte| any | is_escaped(byte)) {
            serde_json::to_writer(&mut self.bytes, text).expect("a text is JSON");
            return;
        }
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn it_is_what_serde_json_writes() {
        for value in [
            value!({ "a": null, "b": [true, false, []], "c": {}, "d": { "e": [{ "f": 1 }, { "f": -2.5 }, 1e300] } }),
            value!([
                "",
                "plain",
                "a \"quote\"",
                "back\\slash",
                "line\nbreak",
                "\u{1f} \u{7f} \u{2028} ä 漢 😀",
                "\u{0}"
            ]),
            value!({ "big": 18446744073709551615u64, "long": "x".repeat(5000) }),
            Value::List(vec![Value::Enum(Name::new("RED"))]),
            Value::Binary(vec![1, 2, 255].into()),
            Value::Null,
        ] {
            let json = serde_json::to_vec(&value).unwrap();

            assert_eq!(within(&value, json.len()).as_ref(), Some(&json), "{value}");
            assert_eq!(within(&value, json.len() - 1), None, "{value}");
        }
    }
}
