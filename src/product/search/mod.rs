//! Finding products by what is typed: the words of a text, bounded and folded.
//!
//! A product is found when it has all of them, in its name, its tags or its description. A word of three letters or more is found as the
//! beginning of another as well; what scripts without spaces between words have in a row is found wherever it stands in a row. A word that
//! no product has that the viewer can see, neither whole nor as a beginning, is read as those words of such products that are most like it
//! (`near`), whole.

mod fold;
mod loader;
mod near;
mod suggestion;

use std::sync::Arc;

use serde::Serialize;

pub use self::loader::SimilarWords;
pub use self::suggestion::SuggestionQuery;
use crate::error::{Error, Result};
use crate::graphql::RequestContext;
use crate::product::listing::Visible;
use crate::text::shorten;

/// The longest text that is searched for, in characters.
const LONGEST_TEXT: usize = 200;
/// The most words that are searched for.
const MOST_WORDS: usize = 20;
/// From so many letters on a word is found as the beginning of others.
const LETTERS_OF_A_BEGINNING: usize = 3;

/// What is searched for: every one of these terms. Without any nothing is found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Search {
    pub terms: Vec<Term>,
}

/// What one word of the text is found by.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Term {
    /// What was typed, folded: one word, or the characters of a script without spaces, in a row.
    pub words: Vec<String>,
    /// The words of the shop that are taken instead, whole.
    pub instead: Vec<String>,
    /// Whether it is found as the beginning of a word as well.
    pub is_beginning: bool,
}

impl Search {
    /// What a text asks for; `None` when it is blank. One that is too long, has too many words or a null byte is BAD_USER_INPUT.
    pub async fn resolve(request: &RequestContext, text: Option<&str>) -> Result<Option<Arc<Self>>> {
        let Some(mut search) = Self::parse("search", text.unwrap_or_default())? else { return Ok(None) };
        search.correct(request, request.viewer.into()).await?;
        Ok(Some(Arc::new(search)))
    }

    /// What a text asks for, as it is typed.
    fn parse(name: &str, text: &str) -> Result<Option<Self>> {
        let length = text.chars().count();
        if length > LONGEST_TEXT {
            return Err(Error::bad_input(format!(
                "{name} {:?} has {length} characters, over the maximum of {LONGEST_TEXT}",
                shorten(text)
            )));
        }
        if text.contains('\0') {
            return Err(Error::bad_input(format!("{name} {:?} holds a null byte", shorten(text))));
        }
        if text.trim().is_empty() {
            return Ok(None);
        }
        let terms: Vec<Term> = fold::terms(text).into_iter().map(Term::typed).collect();
        if terms.len() > MOST_WORDS {
            return Err(Error::bad_input(format!(
                "{name} {:?} has {} words, over the maximum of {MOST_WORDS}",
                shorten(text),
                terms.len()
            )));
        }
        Ok(Some(Self { terms }))
    }

    /// Looks up the words that none of these products has.
    async fn correct(&mut self, request: &RequestContext, visible: Visible) -> Result<()> {
        let typed = self.terms.iter().filter_map(Term::may_be_wrong);
        let typed: Vec<_> = typed.map(|typed| (typed.to_owned(), visible)).collect();
        if let Some(ahead) = request.ahead::<SimilarWords>(typed) {
            ahead.await;
        }
        for term in &mut self.terms {
            if let Some(typed) = term.may_be_wrong() {
                let found = request.load::<SimilarWords>((typed.to_owned(), visible)).await?;
                term.instead = found.map_or_else(Vec::new, |found| found.to_vec());
            }
        }
        Ok(())
    }

    /// Bytes that tell it from every other text that was typed, whatever the shop has instead.
    pub fn typed(&self) -> Vec<u8> {
        let typed: Vec<&[String]> = self.terms.iter().map(|term| &*term.words).collect();
        serde_json::to_vec(&typed).expect("words are plain data")
    }
}

impl Term {
    fn typed(words: Vec<String>) -> Self {
        let is_beginning = matches!(&*words, [word] if word.chars().count() >= LETTERS_OF_A_BEGINNING);
        Self { words, instead: Vec::new(), is_beginning }
    }

    /// Whether a word that only begins with it is found.
    pub fn finds_beginnings(&self) -> bool {
        self.is_beginning && self.instead.is_empty()
    }

    /// The word, if it is one that can have been mistyped.
    fn may_be_wrong(&self) -> Option<&str> {
        match &*self.words {
            [word] if near::tolerance(word) > 0 => Some(word),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let search = Search::parse("search", text).unwrap().expect("the text is not blank");
        search.terms.iter().map(|term| term.words.join("+") + if term.is_beginning { "…" } else { "" }).collect()
    }

    #[test]
    fn a_text_is_its_words_folded() {
        assert_eq!(words("Crème  Brûlée, T-Shirt"), ["creme…", "brulee…", "t", "shirt…"]);
        assert_eq!(words("İstanbul STRASSE straße ＡＢＣ"), ["istanbul…", "strasse…", "strasse…", "abc…"]);
        assert_eq!(words("Brötchen 東京タワー"), ["brotchen…", "東+京+タ+ワ+ー"]);
        assert_eq!(words("מִשְׁפָּט مُحَمَّد नमस्ते"), ["משפט…", "محمد…", "नमस्ते…"]);
    }

    #[test]
    fn operators_are_no_words() {
        assert_eq!(words("& | ! ( ) : * < > ' \" \\ -"), [""; 0]);
        assert_eq!(words("a AND NEAR('b')"), ["a", "and…", "near…", "b"]);
        assert_eq!(words("\u{301}"), [""; 0]);
        assert_eq!(words("👕"), [""; 0]);
    }

    #[test]
    fn a_blank_text_asks_for_nothing_and_a_long_one_is_refused() {
        assert_eq!(Search::parse("search", " \t\u{3000}").unwrap(), None);

        assert!(Search::parse("search", &"x".repeat(LONGEST_TEXT)).is_ok());
        for refused in ["x".repeat(LONGEST_TEXT + 1), "a ".repeat(MOST_WORDS + 1), "a\0".to_owned()] {
            assert!(Search::parse("search", &refused).is_err(), "{refused}");
        }
    }
}
