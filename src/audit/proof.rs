//! The proof that one record is in the log, for somebody who may see no other: a text that stands by itself.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::merkle::Hash;

/// A proof that the leaf with this index is in the tree of a checkpoint, as others read it.
pub fn proof_text(index: u64, path: &[Hash], checkpoint: &str) -> String {
    let path: String = path.iter().map(|node| BASE64_STANDARD.encode(node) + "\n").collect();
    format!("c2sp.org/tlog-proof@v1\nindex {index}\n{path}\n{checkpoint}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_names_the_record_the_way_up_and_the_checkpoint() {
        let text = proof_text(3, &[[0; 32]], "bex/site\n4\nAAAA\n\n— bex/site AAAA\n");
        let node = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(text, format!("c2sp.org/tlog-proof@v1\nindex 3\n{node}\n\nbex/site\n4\nAAAA\n\n— bex/site AAAA\n"));
    }
}
