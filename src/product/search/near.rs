//! Which words are like a mistyped one.

/// The most words that one is taken for.
const MOST: usize = 3;

/// How many letters may be wrong: missing, too many, another one, or two that changed places. None in a word that is short or has digits,
/// which is a size or a number of an article.
pub fn tolerance(word: &str) -> usize {
    match word.chars().count() {
        _ if !word.chars().all(char::is_alphabetic) => 0,
        0..4 => 0,
        4..6 => 1,
        _ => 2,
    }
}

/// Of these words those with the fewest letters that differ, if they are few enough. The first letter must be right.
pub fn nearest<'a>(word: &str, among: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let most = tolerance(word);
    let begins_alike = |other: &&str| other.chars().next() == word.chars().next();
    let mut near: Vec<(usize, &str)> =
        among.into_iter().filter(begins_alike).map(|other| (distance(word, other), other)).collect();
    near.retain(|(distance, _)| *distance <= most);
    near.sort_unstable();
    near.dedup();
    let Some((least, _)) = near.first().copied() else { return Vec::new() };
    near.into_iter()
        .take_while(|(distance, _)| *distance == least)
        .take(MOST)
        .map(|(_, word)| word.to_owned())
        .collect()
}

/// The fewest letters to insert, delete, replace or swap with their neighbour that make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    let mut last = None;
    for (row, letter) in one.chars().enumerate() {
        let mut line = vec![row + 1];
        for (column, against) in other.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != *against);
            let mut least = replaced.min(above[column + 1] + 1).min(line[column] + 1);
            if column > 0 && last == Some(*against) && letter == other[column - 1] {
                least = least.min(before[column - 1] + 1);
            }
            line.push(least);
        }
        before = std::mem::replace(&mut above, line);
        last = Some(letter);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_differ_are_counted() {
        for (one, other, expected) in [
            ("shirt", "shirt", 0),
            ("shrit", "shirt", 1),
            ("lether", "leather", 1),
            ("", "abc", 3),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn the_nearest_words_are_taken() {
        let words = ["shirt", "short", "skirt", "shirts", "shrimp", "leather"];

        assert_eq!(nearest("shrit", words), ["shirt"]);
        assert_eq!(nearest("sharts", words), ["shirts"]);
        assert_eq!(nearest("shxrt", words), ["shirt", "short"]);
        assert_eq!(nearest("eather", words), [""; 0]);
        assert_eq!(nearest("abc", words), [""; 0]);
        assert_eq!(nearest("shirt4", words), [""; 0]);
    }
}
