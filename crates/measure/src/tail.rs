//! The end of what a child printed: bounded, however much it prints.

use std::borrow::Cow;
use std::os::fd::OwnedFd;

/// What is kept of each stream.
pub(crate) const TAIL_BYTES_MAX: usize = 64 * 1024;
/// What is kept of each stream of a program whose output is read.
pub(crate) const OUTPUT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The last bytes of one stream and how many there were in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    bytes: Vec<u8>,
    total: u64,
    kept_bytes_max: usize,
}

impl Default for Tail {
    fn default() -> Self {
        Self::keeping(TAIL_BYTES_MAX)
    }
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

    /// All that was kept, with what is no UTF-8 replaced.
    pub(crate) fn kept(&self) -> Cow<'_, str> {
        let start = self.bytes.len().saturating_sub(self.kept_bytes_max);
        String::from_utf8_lossy(&self.bytes[start..])
    }

    /// Whether more was printed than is kept.
    pub(crate) fn is_cut(&self) -> bool {
        self.total > self.kept_bytes_max as u64
    }

    /// So much of its end is kept.
    pub(crate) fn kept_bytes_max(&self) -> usize {
        self.kept_bytes_max
    }

    /// Keeps so much from now on.
    pub(crate) fn keep(&mut self, bytes_max: usize) {
        self.kept_bytes_max = bytes_max;
    }

    /// Nothing yet, of which so much will be kept.
    pub(crate) fn keeping(kept_bytes_max: usize) -> Self {
        Self { bytes: Vec::new(), total: 0, kept_bytes_max }
    }

    /// Adds what was printed next.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let max = self.kept_bytes_max;
        if bytes.len() >= max {
            self.bytes.clear();
            self.bytes.extend_from_slice(&bytes[bytes.len() - max..]);
            return;
        }
        // Twice the bound before the front is dropped: each byte is moved once, not every time.
        if self.bytes.len() + bytes.len() > 2 * max {
            self.bytes.drain(..self.bytes.len() - max);
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
