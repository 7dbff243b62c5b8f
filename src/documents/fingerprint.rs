//! What is left of a document when everything is taken out that says nothing: white space, commas and comments ("Insignificant
//! Tokens" of the GraphQL specification), and `__typename`, which Apollo Client and urql add to what they send.

use sha2::{Digest, Sha256};

use super::Hash;
use crate::execution::tokens;

/// The same for all spellings of one document.
pub fn fingerprint(text: &str) -> Hash {
    let mut hash = Sha256::new();
    for token in tokens(text).filter(|token| *token != "__typename") {
        hash.update((token.len() as u64).to_le_bytes());
        hash.update(token);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_document_are_one() {
        let written = "query Shop($n: Int) {\n  # all\n  products(first: $n) { nodes { name, slug } }\n}";
        let printed = "query Shop($n:Int){products(first:$n){nodes{name slug __typename}__typename}}";

        assert_eq!(fingerprint(written), fingerprint(printed));
    }

    #[test]
    fn other_documents_are_others() {
        let fingerprints = [
            "{ shop { name } }",
            "{ shop { nam e } }",
            "{ shop { name slug } }",
            "{ shop(a: \"x y\") { name } }",
            "{ shop(a: \"x  y\") { name } }",
            "{ shop(a: \"x,y\") { name } }",
            "{ shop(a: \"#\") { name } }",
            "{ shop(a: \"#b\") { name } }",
        ]
        .map(fingerprint);

        for (index, one) in fingerprints.iter().enumerate() {
            assert!(!fingerprints[..index].contains(one), "{index}");
        }
    }
}
