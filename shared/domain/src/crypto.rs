//! The few primitives the domain needs, over ring: the product links one cryptographic library.

use ring::digest::{SHA256, digest};
use ring::hmac;

/// SHA-256.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    into_array(digest(&SHA256, data).as_ref())
}

/// HMAC-SHA-256 (RFC 2104) of several parts, each preceded by its length, so that parts cannot run into each other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    into_array(context.sign().as_ref())
}

/// The first 16 bytes of a hash: enough where 128 bits are.
pub fn truncate(hash: [u8; 32]) -> [u8; 16] {
    let mut short = [0; 16];
    short.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    short
}

/// Whether two byte strings are equal, in a time that does not tell where they differ.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    a.ct_eq(b).into()
}

fn into_array(bytes: &[u8]) -> [u8; 32] {
    let mut array = [0; 32];
    array.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(hmac_sha256(b"k", &[b"ab", b"c"]), hmac_sha256(b"k", &[b"a", b"bc"]));
    }
}
