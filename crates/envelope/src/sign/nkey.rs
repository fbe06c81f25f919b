//! Keys in the text form of NATS: base 32 of a prefix, the 32 bytes and a CRC-16, so that a key that
//! was copied wrongly is noticed. Public keys begin with `U`, secret ones with `SU`.

use data_encoding::BASE32_NOPAD;
use zeroize::Zeroizing;

const USER: u8 = 20 << 3;
const SEED: u8 = 18 << 3;
/// The seed's two prefix bytes share theirs: five bits of one, three and five of the other.
const SEED_OF_USER: [u8; 2] = [SEED | (USER >> 5), (USER & 31) << 3];

/// A public key as `U…`.
pub fn public(key: &[u8; 32]) -> String {
    encode(&[USER], key)
}

/// The secret half as `SU…`.
pub fn seed(seed: &[u8; 32]) -> Zeroizing<String> {
    Zeroizing::new(encode(&SEED_OF_USER, seed))
}

/// Reads what [`public`] wrote; none for anything else.
pub fn read_public(text: &str) -> Option<[u8; 32]> {
    decode(&[USER], text)
}

/// Reads what [`seed`] wrote; none for anything else.
pub fn read_seed(text: &str) -> Option<[u8; 32]> {
    decode(&SEED_OF_USER, text)
}

fn encode(prefix: &[u8], key: &[u8; 32]) -> String {
    let mut bytes = Zeroizing::new([prefix, key.as_slice()].concat());
    let sum = crc16(&bytes);
    bytes.extend(sum.to_le_bytes());
    BASE32_NOPAD.encode(&bytes)
}

fn decode(prefix: &[u8], text: &str) -> Option<[u8; 32]> {
    let bytes = Zeroizing::new(BASE32_NOPAD.decode(text.as_bytes()).ok()?);
    let (body, sum) = bytes.split_last_chunk::<2>()?;
    if crc16(body) != u16::from_le_bytes(*sum) {
        return None;
    }
    body.strip_prefix(prefix)?.try_into().ok()
}

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    let mut sum = 0_u16;
    for byte in bytes {
        sum ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            let carry = sum & 0x8000 != 0;
            sum <<= 1;
            if carry {
                sum ^= 0x1021;
            }
        }
    }
    sum
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::UnitKey;

    #[test]
    fn keys_are_written_as_the_client_library_of_nats_writes_them() {
        for number in 0..32 {
            let key = UnitKey::from_seed([number; 32]);
            let theirs = nkeys::KeyPair::new_from_raw(nkeys::KeyPairType::User, [number; 32]);
            let theirs = theirs.unwrap();
            assert_eq!(public(&key.public()), theirs.public_key());
            assert_eq!(*seed(&[number; 32]), theirs.seed().unwrap());
            assert_eq!(read_public(&theirs.public_key()), Some(key.public()));
            assert_eq!(read_seed(&theirs.seed().unwrap()), Some([number; 32]));
        }
    }

    #[test]
    fn a_key_that_was_copied_wrongly_is_no_key() {
        let right = public(&[7; 32]);
        for place in 0..right.len() {
            let mut wrong = right.clone().into_bytes();
            wrong[place] = if wrong[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(read_public(&String::from_utf8(wrong).unwrap()), None);
        }
        assert_eq!(read_seed(&right), None);
        assert_eq!(read_public(""), None);
    }
}
