//! The hash of an answer: FNV-1a over 64 bits, the same on every machine of one byte order.
//!
//! Parameters: Fowler, Noll, Vo, Eastlake: The FNV Non-Cryptographic Hash Algorithm, section 5.

use std::hash::Hasher;

const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// A hasher that is the same in every process, as the standard library's is not.
///
/// Integers are taken as little-endian bytes, and `usize` as 64 bits.
#[derive(Clone, Debug)]
pub struct AnswerHasher(u64);

impl Default for AnswerHasher {
    fn default() -> Self {
        Self(OFFSET_BASIS)
    }
}

impl Hasher for AnswerHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(PRIME);
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write(&[value]);
    }

    fn write_u16(&mut self, value: u16) {
        self.write(&value.to_le_bytes());
    }

    fn write_u32(&mut self, value: u32) {
        self.write(&value.to_le_bytes());
    }

    fn write_u64(&mut self, value: u64) {
        self.write(&value.to_le_bytes());
    }

    fn write_u128(&mut self, value: u128) {
        self.write(&value.to_le_bytes());
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_i8(&mut self, value: i8) {
        self.write(&value.to_le_bytes());
    }

    fn write_i16(&mut self, value: i16) {
        self.write(&value.to_le_bytes());
    }

    fn write_i32(&mut self, value: i32) {
        self.write(&value.to_le_bytes());
    }

    fn write_i64(&mut self, value: i64) {
        self.write(&value.to_le_bytes());
    }

    fn write_i128(&mut self, value: i128) {
        self.write(&value.to_le_bytes());
    }

    fn write_isize(&mut self, value: isize) {
        self.write_i64(value as i64);
    }
}

/// Values that hold floating-point numbers, which are taken by their bits: so -0 is not 0, and a
/// NaN is itself.
///
/// It is for the attribute's expansion; whatever else has an answer is `Hash`.
pub trait HashFloats {
    /// Feeds the value to `hasher`.
    fn hash_floats(&self, hasher: &mut AnswerHasher);
}

impl HashFloats for f32 {
    fn hash_floats(&self, hasher: &mut AnswerHasher) {
        hasher.write_u32(self.to_bits());
    }
}

impl HashFloats for f64 {
    fn hash_floats(&self, hasher: &mut AnswerHasher) {
        hasher.write_u64(self.to_bits());
    }
}

/// Types without floats that stand beside them in tuples.
macro_rules! plain {
    ($($plain:ty),*) => {
        $(impl HashFloats for $plain {
            fn hash_floats(&self, hasher: &mut AnswerHasher) {
                std::hash::Hash::hash(self, hasher);
            }
        })*
    };
}

plain!(bool, char, u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize, str, String);

impl<T: HashFloats + ?Sized> HashFloats for &T {
    fn hash_floats(&self, hasher: &mut AnswerHasher) {
        (**self).hash_floats(hasher);
    }
}

impl<T: HashFloats + ?Sized> HashFloats for Box<T> {
    fn hash_floats(&self, hasher: &mut AnswerHasher) {
        (**self).hash_floats(hasher);
    }
}

impl<T: HashFloats> HashFloats for [T] {
    fn hash_floats(&self, hasher: &mut AnswerHasher) {
        hasher.write_usize(self.len());
        for value in self {
            value.hash_floats(hasher);
        }
    }
}

impl<T: HashFloats, const N: usize> HashFloats for [T; N] {
    fn hash_floats(&self, hasher: &mut AnswerHasher) {
        self.as_slice().hash_floats(hasher);
    }
}

impl<T: HashFloats> HashFloats for Vec<T> {
    fn hash_floats(&self, hasher: &mut AnswerHasher) {
        self.as_slice().hash_floats(hasher);
    }
}

impl<T: HashFloats> HashFloats for Option<T> {
    fn hash_floats(&self, hasher: &mut AnswerHasher) {
        hasher.write_u64(u64::from(self.is_some()));
        if let Some(value) = self {
            value.hash_floats(hasher);
        }
    }
}

impl<A: HashFloats, B: HashFloats> HashFloats for (A, B) {
    fn hash_floats(&self, hasher: &mut AnswerHasher) {
        self.0.hash_floats(hasher);
        self.1.hash_floats(hasher);
    }
}

impl<A: HashFloats, B: HashFloats, C: HashFloats> HashFloats for (A, B, C) {
    fn hash_floats(&self, hasher: &mut AnswerHasher) {
        self.0.hash_floats(hasher);
        self.1.hash_floats(hasher);
        self.2.hash_floats(hasher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::Hash;

    fn hash(value: impl Hash) -> u64 {
        let mut hasher = AnswerHasher::default();
        value.hash(&mut hasher);
        hasher.finish()
    }

    fn floats(value: impl HashFloats) -> u64 {
        let mut hasher = AnswerHasher::default();
        value.hash_floats(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn it_is_fnv_1a() {
        let check = |bytes: &[u8], expected| {
            let mut hasher = AnswerHasher::default();
            hasher.write(bytes);
            assert_eq!(hasher.finish(), expected);
        };
        // The vectors of the algorithm's description, appendix C.
        check(b"", 0xcbf2_9ce4_8422_2325);
        check(b"a", 0xaf63_dc4c_8601_ec8c);
        check(b"foobar", 0x8594_4171_f739_67e8);
        // Committed hashes break where these change.
        assert_eq!(hash(1_u32), 0xad2a_ca77_4798_5764);
        assert_eq!(hash(7_usize), hash(7_u64));
        assert_eq!(hash(-1_isize), hash(-1_i64));
    }

    #[test]
    fn floats_are_taken_by_their_bits() {
        assert_eq!(floats(1.5_f64), hash(1.5_f64.to_bits()));
        assert_ne!(floats(0.0_f64), floats(-0.0_f64));
        assert_eq!(floats(f64::NAN), floats(f64::NAN));
        assert_ne!(floats([1.0_f32, 2.0]), floats([2.0_f32, 1.0]));
        assert_ne!(floats(vec![1.0]), floats(vec![1.0, 1.0]));
        assert_ne!(floats(Some(0.0)), floats(None::<f64>));
        assert_eq!(floats((1_u32, 2.0)), floats((1_u32, 2.0)));
        assert_ne!(floats((1_u32, 2.0, "a")), floats((1_u32, 2.0, "b")));
        assert_eq!(floats(Box::new(2.0)), floats(2.0));
    }

    #[test]
    fn values_without_floats_have_one_hash() {
        let numbers = vec![3_u64, 1, 2];
        assert_eq!(floats(&numbers), hash(&numbers));
        assert_eq!(floats("text"), hash("text"));
    }
}
