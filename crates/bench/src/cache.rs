//! Caches that are emptied before a cold call.

use std::hint::black_box;
use std::path::Path;

use crate::memory;

/// Writing 3 here makes Linux forget clean pages, directory entries and inodes: proc(5).
const DROP_CACHES: &str = "/proc/sys/vm/drop_caches";

/// Where Linux describes the caches of the first processor.
const CACHES: &str = "/sys/devices/system/cpu/cpu0/cache";

/// Levels and kinds of caches of a processor.
const CACHES_MAX: usize = 16;

/// What is walked where the size of the last cache is not known.
const WALKED_BYTES_DEFAULT: usize = 64 * 1024 * 1024;

/// What is walked at the most.
const WALKED_BYTES_MAX: usize = 512 * 1024 * 1024;

/// Bytes of a cache line; smaller steps do no harm.
const LINE_BYTES: usize = 64;

/// What was emptied, and what could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// `cpu`, `page`.
    pub(crate) caches: Vec<&'static str>,
    /// What a row says as unavailable, and why.
    pub(crate) unavailable: Vec<(&'static str, String)>,
    /// The peak memory before: emptying the processor's caches needs memory that does not count.
    pub(crate) peak_rss_kb_before: Option<u64>,
}

/// Empties the page cache where that is allowed, and the processor's caches.
pub(crate) fn drop_all() -> Dropped {
    let mut dropped =
        Dropped { peak_rss_kb_before: memory::peak_rss_kb().ok(), ..Dropped::default() };
    match drop_pages() {
        Ok(()) => dropped.caches.push("page"),
        Err(reason) => dropped.unavailable.push(("cache.page", reason)),
    }
    // Last: what the kernel did for the other fills these again.
    walk(walked_bytes(Path::new(CACHES)));
    dropped.caches.push("cpu");
    if let Err(reason) = memory::forget_peak() {
        let reason = format!("it has the memory that emptied the caches in it: {reason}");
        dropped.unavailable.push(("peak_rss", reason));
    }
    dropped
}

fn drop_pages() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        return Err("this system has no switch for it".to_owned());
    }
    std::fs::write(DROP_CACHES, "3").map_err(|error| format!("cannot write {DROP_CACHES}: {error}"))
}

/// Writes to and reads from so many bytes, line by line: what was in the caches is displaced.
fn walk(bytes: usize) {
    let mut buffer = vec![1_u8; bytes];
    let mut sum = 0_u64;
    for line in buffer.chunks_mut(LINE_BYTES) {
        line[0] = line[0].wrapping_add(1);
        sum = sum.wrapping_add(u64::from(line[0]));
    }
    black_box((&buffer, sum));
}

/// Twice the largest cache of the processor.
fn walked_bytes(caches: &Path) -> usize {
    let size = |index: usize| {
        let text = std::fs::read_to_string(caches.join(format!("index{index}/size"))).ok()?;
        parse_size(text.trim())
    };
    let largest = (0..CACHES_MAX).filter_map(size).max();
    largest.map_or(WALKED_BYTES_DEFAULT, |bytes| bytes.saturating_mul(2)).min(WALKED_BYTES_MAX)
}

/// Bytes of `32K` or `32M`.
fn parse_size(text: &str) -> Option<usize> {
    let (number, unit) = match text.as_bytes().last()? {
        b'K' => (&text[..text.len() - 1], 1024),
        b'M' => (&text[..text.len() - 1], 1024 * 1024),
        _ => (text, 1),
    };
    number.parse::<usize>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        let check = |text, bytes| assert_eq!(parse_size(text), bytes, "{text:?}");
        check("48K", Some(48 * 1024));
        check("32M", Some(32 * 1024 * 1024));
        check("100", Some(100));
        check("", None);
        check("K", None);
        check("many", None);
    }

    #[test]
    fn an_unknown_processor_has_a_default() {
        assert_eq!(walked_bytes(Path::new("/nonexistent")), WALKED_BYTES_DEFAULT);
    }
}
