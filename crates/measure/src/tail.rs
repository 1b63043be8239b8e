//! The end of what a child printed: bounded, however much it prints.

use std::os::fd::OwnedFd;

/// What is kept of each stream.
pub(crate) const TAIL_BYTES_MAX: usize = 64 * 1024;

/// The last bytes of one stream and how many there were in all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    bytes: Vec<u8>,
    total: u64,
}

impl Tail {
    /// How much was printed in all.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.total
    }

    /// The last 64 KiB at most, with what is no UTF-8 replaced.
    #[must_use]
    pub fn text(&self) -> String {
        let start = self.bytes.len().saturating_sub(TAIL_BYTES_MAX);
        String::from_utf8_lossy(&self.bytes[start..]).into_owned()
    }

    /// Adds what was printed next.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        if bytes.len() >= TAIL_BYTES_MAX {
            self.bytes.clear();
            self.bytes.extend_from_slice(&bytes[bytes.len() - TAIL_BYTES_MAX..]);
            return;
        }
        // Twice the bound before the front is dropped: each byte is moved once, not every time.
        if self.bytes.len() + bytes.len() > 2 * TAIL_BYTES_MAX {
            self.bytes.drain(..self.bytes.len() - TAIL_BYTES_MAX);
        }
        self.bytes.extend_from_slice(bytes);
    }
}

/// Reads what is in the non-blocking `pipe` into `tail`, at most `bytes_max`; false at its end.
pub(crate) fn drain(pipe: &OwnedFd, tail: &mut Tail, buffer: &mut [u8], bytes_max: usize) -> bool {
    let mut read = 0;
    while read < bytes_max {
        match rustix::io::read(pipe, &mut *buffer) {
            Ok(0) => return false,
            Ok(count) => {
                tail.push(&buffer[..count]);
                read += count;
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return true,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_end() {
        for (pieces, size) in [(3usize, 10usize), (5000, 100), (3, 100_000), (40, 50_001)] {
            let mut tail = Tail::default();
            let mut all = Vec::new();
            for piece in 0..pieces {
                let bytes = vec![b'a' + (piece % 26) as u8; size];
                tail.push(&bytes);
                all.extend(bytes);
            }
            let expected = &all[all.len().saturating_sub(TAIL_BYTES_MAX)..];
            assert_eq!(tail.text().as_bytes(), expected, "{pieces} pieces of {size}");
            assert_eq!(tail.total_bytes(), all.len() as u64);
        }
    }
}
