//! Which words are like a mistyped one.

/// The most words that one is taken for.
const MOST: usize = 3;
/// Of the words that are like one so many are looked for in the products.
const MOST_LIKE: usize = 20;
/// Shorter words are neither mistyped nor meant: too many of them are like each other.
const SHORTEST: usize = 4;

/// How many letters may be wrong: missing, too many, another one, or two that changed places. None in a word that is short or has digits,
/// which is a size or a number of an article.
pub fn tolerance(word: &str) -> usize {
    match word.chars().count() {
        _ if !word.chars().all(char::is_alphabetic) => 0,
        0..SHORTEST => 0,
        SHORTEST..8 => 1,
        _ => 2,
    }
}

/// Of these words those that may be meant, each with how many letters differ, the nearest first. The first letter must be right.
pub fn alike(word: &str, among: impl IntoIterator<Item = String>) -> Vec<(usize, String)> {
    let most = tolerance(word);
    let may_be_meant =
        |other: &String| other.chars().next() == word.chars().next() && other.chars().count() >= SHORTEST;
    let mut alike: Vec<(usize, String)> =
        among.into_iter().filter(may_be_meant).map(|other| (distance(word, &other), other)).collect();
    alike.retain(|(distance, _)| *distance <= most);
    alike.sort_unstable();
    alike.dedup();
    alike.truncate(MOST_LIKE);
    alike
}

/// Of words that are alike and can be found those with the fewest letters that differ.
pub fn nearest(alike: Vec<(usize, String)>, can_be_found: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = alike.into_iter().filter(|(_, word)| can_be_found(word)).peekable();
    let least = found.peek().map(|(distance, _)| *distance);
    found.take_while(|(distance, _)| Some(*distance) == least).take(MOST).map(|(_, word)| word).collect()
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

    fn nearest_of(word: &str, words: &[&str]) -> Vec<String> {
        nearest(alike(word, words.iter().map(|word| (*word).to_owned())), |word| word != "hidden")
    }

    #[test]
    fn the_nearest_words_are_taken() {
        let words = ["shirt", "short", "skirt", "shirts", "shrimp", "leather"];

        assert_eq!(nearest_of("shrit", &words), ["shirt"]);
        assert_eq!(nearest_of("sharts", &words), ["shirts"]);
        assert_eq!(nearest_of("shxrt", &words), ["shirt", "short"]);
        assert_eq!(nearest_of("hiden", &["hidden", "haden"]), ["haden"]);
        for unlike in ["eather", "abc", "shirt4"] {
            assert_eq!(nearest_of(unlike, &words), [""; 0]);
        }
    }

    #[test]
    fn two_letters_may_be_wrong_in_long_words_alone() {
        let words = ["for", "wall", "shaker", "planter", "chandelier"];

        for unlike in ["fork", "wallet", "speaker", "printer"] {
            assert_eq!(nearest_of(unlike, &words), [""; 0]);
        }
        assert_eq!(nearest_of("chandaleir", &words), ["chandelier"]);
    }
}
