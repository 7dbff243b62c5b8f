//! An answer as it came over the wire.

/// One HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Reply {
    /// The answers that a connection brought until it ended. Interim ones (1xx) are passed over.
    pub fn all(mut bytes: &[u8]) -> Result<Vec<Self>, String> {
        let mut replies = Vec::new();
        while !bytes.is_empty() {
            let (reply, rest) = Self::first(bytes)?;
            bytes = rest;
            if reply.status >= 200 {
                replies.push(reply);
            }
        }
        Ok(replies)
    }

    fn first(bytes: &[u8]) -> Result<(Self, &[u8]), String> {
        let shown = || String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).into_owned();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.ok_or_else(|| format!("no end of a head in {:?}", shown()))?;
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| format!("a head that is no text: {:?}", shown()))?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok());
        let status = status.ok_or_else(|| format!("no status in {:?}", shown()))?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let headers: Option<Vec<_>> = lines.map(header).collect();
        let mut reply = Self { status, headers: headers.ok_or_else(shown)?, body: Vec::new() };
        let rest = &bytes[end + 4..];
        let length = reply.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        // What answers HEAD has a length and no body.
        let (body, rest) = rest.split_at(rest.len().min(length));
        reply.body = body.to_vec();
        Ok((reply, rest))
    }

    /// The value of a header that is there once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    }

    pub fn has(&self, name: &str) -> bool {
        self.headers.iter().any(|(known, _)| known == name)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
