//! The words of a text, folded as the database folds what it keeps (the migration `m0011_search`).

use unicode_normalization::UnicodeNormalization;

/// The most of a word that counts, in characters.
const LONGEST_WORD: usize = 64;

/// The words of a text, each alone; what a script without spaces has in a row is one item of several characters.
pub fn terms(text: &str) -> Vec<Vec<String>> {
    let mut terms: Vec<Vec<String>> = Vec::new();
    // What the last character was of.
    let mut last = Class::None;
    for letter in fold(text).chars() {
        let class = Class::of(letter);
        match (last, class, terms.last_mut()) {
            (_, Class::None, _) => {}
            (Class::Word, Class::Word, Some(term)) => term.last_mut().expect("a term has a word").push(letter),
            (Class::Alone, Class::Alone, Some(term)) => term.push(letter.to_string()),
            _ => terms.push(vec![letter.to_string()]),
        }
        last = class;
    }
    for word in terms.iter_mut().flatten() {
        if let Some((end, _)) = word.char_indices().nth(LONGEST_WORD) {
            word.truncate(end);
        }
    }
    terms
}

/// Without case, accents and width.
pub fn fold(text: &str) -> String {
    let plain: String = text.nfkd().filter(|letter| !is_mark(*letter)).collect();
    let mut folded = String::with_capacity(plain.len());
    for letter in plain.to_lowercase().chars() {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            other => folded.push(other),
        }
    }
    folded.nfc().collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// What separates words.
    None,
    /// Part of a word.
    Word,
    /// A word by itself: of a script without spaces between words.
    Alone,
}

impl Class {
    fn of(letter: char) -> Self {
        match letter {
            '\u{E00}'..='\u{EFF}'
            | '\u{1000}'..='\u{109F}'
            | '\u{1780}'..='\u{17FF}'
            | '\u{3041}'..='\u{30FA}'
            | '\u{30FC}'..='\u{30FF}'
            | '\u{3400}'..='\u{4DBF}'
            | '\u{4E00}'..='\u{9FFF}'
            | '\u{AC00}'..='\u{D7AF}'
            | '\u{20000}'..='\u{3FFFF}' => Self::Alone,
            // The vowel signs of India are marks, and yet belong to the words.
            '\u{900}'..='\u{963}' | '\u{966}'..='\u{DFF}' => Self::Word,
            other if other.is_alphanumeric() => Self::Word,
            _ => Self::None,
        }
    }
}

/// The marks of Latin, Greek, Cyrillic, Hebrew and Arabic, without which words are the same.
fn is_mark(letter: char) -> bool {
    matches!(letter,
        '\u{300}'..='\u{36F}'
        | '\u{483}'..='\u{489}'
        | '\u{591}'..='\u{5BD}'
        | '\u{5BF}'
        | '\u{5C1}'
        | '\u{5C2}'
        | '\u{5C4}'
        | '\u{5C5}'
        | '\u{5C7}'
        | '\u{610}'..='\u{61A}'
        | '\u{640}'
        | '\u{64B}'..='\u{65F}'
        | '\u{670}'
        | '\u{6D6}'..='\u{6DC}'
        | '\u{6DF}'..='\u{6E8}'
        | '\u{6EA}'..='\u{6ED}')
}
