//! Shortlists, damaged.

use pocketglot::format::shortlist::Shortlist;
use pocketglot::token::TokenId;
use proptest::prelude::*;

use crate::common::marian::{checksum, shortlist};
use crate::edit::{ABSURD, apply, edits};
use crate::guard::{bounded, cases};

const PIECES: usize = 70;

/// Makes the checksum right, so that what comes after it is reached.
fn sign(bytes: &mut [u8]) {
    if let Some((head, body)) = bytes.split_at_mut_checked(16) {
        head[8..].copy_from_slice(&checksum(body).to_le_bytes());
    }
}

fn survive(bytes: Vec<u8>) -> bool {
    bounded(bytes.len(), || match Shortlist::read(bytes.into(), PIECES) {
        Ok(list) => {
            let all: Vec<TokenId> = (0..PIECES as u32 + 3).map(TokenId).collect();
            let candidates = list.candidates(&all, 0);
            assert!(candidates.iter().all(|id| id.index() < PIECES));
            assert!(candidates.windows(2).all(|pair| pair[0] < pair[1]));
            true
        }
        Err(error) => {
            // The file's own name stands before this wherever one is read.
            assert!(error.to_string().len() > 20, "says too little: {error}");
            false
        }
    })
}

#[test]
fn a_sound_list_is_read() {
    assert!(survive(shortlist(PIECES)));
}

#[test]
fn a_list_cut_anywhere_is_refused() {
    let whole = shortlist(PIECES);
    for length in 0..whole.len() {
        let mut cut = whole[..length].to_vec();
        assert!(!survive(cut.clone()), "{length} bytes");
        sign(&mut cut);
        assert!(!survive(cut), "{length} bytes, signed");
    }
}

#[test]
fn no_number_in_a_list_is_believed() {
    let whole = shortlist(PIECES);
    for at in (0..whole.len() - 8).step_by(8) {
        for value in ABSURD {
            let mut bytes = whole.clone();
            bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
            survive(bytes.clone());
            sign(&mut bytes);
            survive(bytes);
        }
    }
}

/// The same list in the form that packages have.
fn packed() -> Vec<u8> {
    Shortlist::read(shortlist(PIECES).into(), PIECES).unwrap().packed().to_vec()
}

#[test]
fn a_packed_list_is_read_whole_or_not_at_all() {
    let whole = packed();
    assert!(survive(whole.clone()));
    for length in 0..whole.len() {
        assert!(!survive(whole[..length].to_vec()), "{length} bytes");
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn damaged_packed_lists_never_panic(damage in edits()) {
        let mut bytes = packed();
        let places: Vec<usize> = (0..bytes.len()).collect();
        apply(&mut bytes, &damage, &places);
        survive(bytes);
    }

    #[test]
    fn damaged_lists_never_panic(damage in edits(), signed in any::<bool>()) {
        let mut bytes = shortlist(PIECES);
        let places: Vec<usize> = (0..bytes.len()).step_by(4).collect();
        apply(&mut bytes, &damage, &places);
        if signed {
            sign(&mut bytes);
        }
        survive(bytes);
    }
}
