//! What the children of one point say together.

use crate::reply::{Batch, Failure};
use crate::{Expected, Workload};

/// One point: the median over its children, and how far they are apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Summary {
    /// Median of the children's times of one call.
    pub(crate) median_nanos: f64,
    /// The fastest child's.
    pub(crate) min_nanos: f64,
    /// The slowest child's.
    pub(crate) max_nanos: f64,
    /// So many there were.
    pub(crate) children: usize,
    /// The hash of the answer that they all gave.
    pub(crate) hash: Option<String>,
    /// Median of what they worked through in a second.
    pub(crate) throughput: Option<f64>,
    /// The largest resident set of them.
    pub(crate) peak_rss_kb: Option<u64>,
    /// Cold: which caches were emptied.
    pub(crate) caches: Option<String>,
}

/// Sums up the batches of one point, of which there is at least one.
///
/// # Errors
/// [`Failure::Answer`] when two of them gave different answers.
pub(crate) fn of(batches: &[Batch]) -> Result<Summary, Failure> {
    let hash = batches.iter().find_map(|batch| batch.hash.clone());
    if let Some(wanted) = &hash {
        let other = batches.iter().filter_map(|batch| batch.hash.as_ref()).find(|it| *it != wanted);
        if let Some(found) = other {
            return Err(wrong(found, wanted, "another process has"));
        }
    }
    let mut times: Vec<f64> = batches.iter().map(|batch| batch.per_call_nanos).collect();
    times.sort_by(f64::total_cmp);
    let mut rates: Vec<f64> = batches.iter().filter_map(|batch| batch.throughput).collect();
    rates.sort_by(f64::total_cmp);
    Ok(Summary {
        median_nanos: median(&times).unwrap_or(f64::NAN),
        min_nanos: times.first().copied().unwrap_or(f64::NAN),
        max_nanos: times.last().copied().unwrap_or(f64::NAN),
        children: batches.len(),
        hash,
        throughput: median(&rates),
        peak_rss_kb: batches.iter().filter_map(|batch| batch.peak_rss_kb).max(),
        caches: batches.iter().find_map(|batch| batch.caches.clone()),
    })
}

/// Holds the answer's hash against the one that was declared.
///
/// # Errors
/// [`Failure::Answer`] when it is another, or none was told.
pub(crate) fn check(
    workload: &Workload,
    param: Option<u64>,
    hash: Option<&str>,
) -> Result<(), Failure> {
    let expected = match &workload.expected {
        Expected::Nothing => None,
        Expected::Always(hash) => Some(*hash),
        Expected::At(hashes) => {
            hashes.iter().find(|(at, _)| Some(*at) == param).map(|(_, hash)| *hash)
        }
    };
    let Some(expected) = expected else { return Ok(()) };
    let found = hash.and_then(|hash| u64::from_str_radix(hash.strip_prefix("0x")?, 16).ok());
    if found == Some(expected) {
        return Ok(());
    }
    Err(wrong(hash.unwrap_or("none"), &format!("{expected:#x}"), "expected"))
}

/// An answer that differs from the one of `whose`.
pub(crate) fn wrong(found: &str, wanted: &str, whose: &str) -> Failure {
    Failure::Answer { found: found.to_owned(), wanted: wanted.to_owned(), whose: whose.to_owned() }
}

/// The middle of ascending numbers, or halfway between the two of them.
fn median(ascending: &[f64]) -> Option<f64> {
    let middle = ascending.len() / 2;
    match ascending.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(ascending[middle]),
        _ => Some(f64::midpoint(ascending[middle - 1], ascending[middle])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(per_call_nanos: f64, hash: Option<&str>) -> Batch {
        Batch { per_call_nanos, hash: hash.map(str::to_owned), ..Batch::default() }
    }

    #[test]
    fn the_median_stands_between_the_extremes() {
        let of = |times: &[f64]| {
            let batches: Vec<Batch> = times.iter().map(|time| batch(*time, None)).collect();
            let summary = super::of(&batches).unwrap();
            (summary.median_nanos, summary.min_nanos, summary.max_nanos, summary.children)
        };
        assert_eq!(of(&[3.0]), (3.0, 3.0, 3.0, 1));
        assert_eq!(of(&[4.0, 1.0]), (2.5, 1.0, 4.0, 2));
        assert_eq!(of(&[9.0, 1.0, 2.0]), (2.0, 1.0, 9.0, 3));
    }

    #[test]
    fn what_is_not_known_has_no_part_in_a_median() {
        let with = |throughput| Batch { throughput, ..batch(1.0, None) };
        let summary = of(&[with(None), with(Some(5.0)), with(Some(7.0))]).unwrap();
        assert_eq!(summary.throughput, Some(6.0));
    }

    #[test]
    fn children_must_agree() {
        let agreeing = [batch(1.0, Some("0xa")), batch(1.0, None), batch(1.0, Some("0xa"))];
        assert_eq!(of(&agreeing).unwrap().hash.as_deref(), Some("0xa"));
        let failure = of(&[batch(1.0, Some("0xa")), batch(1.0, Some("0xb"))]).unwrap_err();
        assert_eq!(failure.to_string(), "wrong answer: hash 0xb, another process has 0xa");
    }

    #[test]
    fn answers_are_held_against_what_was_declared() {
        let mut workload = Workload::fixed("g/w", |_| {});
        let said = |workload: &Workload, param, hash| {
            check(workload, param, hash).map_err(|failure| failure.to_string())
        };
        assert_eq!(said(&workload, None, None), Ok(()));
        workload.expected = Expected::Always(0xab);
        assert_eq!(said(&workload, None, Some("0x00ab")), Ok(()));
        let wrong = "wrong answer: hash 0xac, expected 0xab";
        assert_eq!(said(&workload, None, Some("0xac")), Err(wrong.to_owned()));
        let none = "wrong answer: hash none, expected 0xab";
        assert_eq!(said(&workload, None, None), Err(none.to_owned()));
        workload.expected = Expected::At(vec![(4, 1)]);
        assert_eq!(said(&workload, Some(8), Some("0x2")), Ok(()));
        assert!(said(&workload, Some(4), Some("0x2")).is_err());
    }
}
