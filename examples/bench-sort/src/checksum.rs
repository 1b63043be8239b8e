//! A checksum.

/// Adler-32 of some bytes, as RFC 1950 has it.
#[must_use]
pub fn adler32(bytes: &[u8]) -> u32 {
    let (mut low, mut high) = (1_u32, 0_u32);
    for byte in bytes {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    (high << 16) | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_text_has_its_known_sum() {
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }
}
