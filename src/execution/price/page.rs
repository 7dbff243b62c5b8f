//! How large a page is: the one rule for what is charged and for what is read.

/// How large pages are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRules {
    /// The size of a page that is asked for without one.
    pub default_size: u32,
    pub max_size: u32,
}

impl PageRules {
    /// The size that `first` and `last` ask for, and whether it is counted from the end of the list.
    ///
    /// # Errors
    /// Why there is no such page.
    pub fn size(&self, first: Option<i32>, last: Option<i32>) -> Result<(u32, bool), String> {
        match (first, last) {
            (Some(_), Some(_)) => Err("first and last cannot be given together".to_owned()),
            (Some(first), None) => Ok((self.check("first", first)?, false)),
            (None, Some(last)) => Ok((self.check("last", last)?, true)),
            (None, None) => Ok((self.default_size, false)),
        }
    }

    fn check(&self, name: &str, size: i32) -> Result<u32, String> {
        let size = u32::try_from(size).map_err(|_| format!("{name} is {size}, the minimum is 0"))?;
        if size > self.max_size {
            return Err(format!("page size {size} is over the maximum of {}", self.max_size));
        }
        Ok(size)
    }
}

impl Default for PageRules {
    fn default() -> Self {
        Self { default_size: 20, max_size: 100 }
    }
}
