//! The default line of a probe: `name=parse elapsed_us=1234 rows=512`.

use super::{ELAPSED, Line, NO_TIME, StageLine, nanos};

/// A line as a stage: blanks between `key=value` pairs; one is `name=`, or a leading word stands
/// for it; one is `elapsed_ns`, `elapsed_us`, `elapsed_ms` or `elapsed_s`; each other number is a
/// counter.
pub(super) fn read(line: &str) -> Line {
    let mut words = line.split_ascii_whitespace().peekable();
    let mut name = words.next_if(|word| !word.contains('=')).map(str::to_owned);
    let mut times = Vec::new();
    let mut counters = std::collections::BTreeMap::new();
    for word in words {
        let Some((key, value)) = word.split_once('=') else { return Line::Other };
        if key == "name" && name.is_none() {
            name = Some(value.to_owned());
        } else if let Some((_, unit)) = ELAPSED.iter().find(|(time, _)| *time == key) {
            times.push(value.parse().ok().and_then(|time| nanos(time, *unit)));
        } else if let Some(number) = value.parse().ok().filter(|number: &f64| number.is_finite())
            && !key.is_empty()
        {
            counters.insert(key.to_owned(), number);
        }
    }
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Line::Other };
    match times[..] {
        [] => Line::Other,
        [Some(elapsed_nanos)] => {
            Line::Stage(StageLine { name: Some(name), elapsed_nanos, counters })
        }
        [None] => Line::Broken(NO_TIME),
        _ => Line::Broken("it has several times"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A stage's name, its nanoseconds and its counters.
    type Shown<'a> = (&'a str, f64, &'a [(&'a str, f64)]);

    #[track_caller]
    fn check(line: &str, expected: Option<Shown<'_>>) {
        let counter = |(name, value): &(&str, f64)| ((*name).to_owned(), *value);
        let expected = expected.map_or(Line::Other, |(name, elapsed_nanos, counters)| {
            let (name, counters) = (Some(name.to_owned()), counters.iter().map(counter).collect());
            Line::Stage(StageLine { name, elapsed_nanos, counters })
        });
        assert_eq!(read(line), expected, "{line:?}");
    }

    #[test]
    fn lines() {
        check("name=parse elapsed_us=12", Some(("parse", 12_000.0, &[])));
        check("  name=a/b   elapsed_ns=7\t", Some(("a/b", 7.0, &[])));
        check("elapsed_ms=1.5 name=x", Some(("x", 1_500_000.0, &[])));
        check("name=x elapsed_s=0.25", Some(("x", 250_000_000.0, &[])));
        check(
            "helper_chunked_stream rows=512 chunks=8 chunk_size=64 parallelism=1 elapsed_ms=12",
            Some((
                "helper_chunked_stream",
                12_000_000.0,
                &[("rows", 512.0), ("chunks", 8.0), ("chunk_size", 64.0), ("parallelism", 1.0)],
            )),
        );
        check("x elapsed_us=0 mode=fast", Some(("x", 0.0, &[])));
        check("x name=7 elapsed_us=0", Some(("x", 0.0, &[("name", 7.0)])));
        for other in [
            "",
            "elapsed_us=12",
            "name= elapsed_us=12",
            "name=x",
            "request done elapsed_us=12",
            "x elapsed_us=12 in all",
            "Finished in 3 s",
        ] {
            check(other, None);
        }
    }

    #[test]
    fn stages_that_cannot_be_read() {
        for (line, why) in [
            ("name=x elapsed_us=", NO_TIME),
            ("name=x elapsed_us=12us", NO_TIME),
            ("x elapsed_us=-1", NO_TIME),
            ("name=x elapsed_us=nan rows=5", NO_TIME),
            ("name=x elapsed_ns=inf", NO_TIME),
            ("name=x elapsed_s=1e308", NO_TIME),
            ("name=x elapsed_s=1e10", NO_TIME),
            ("name=x elapsed_us=1 elapsed_ms=1", "it has several times"),
        ] {
            assert_eq!(read(line), Line::Broken(why), "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_not(line in "[ -~\\t]{0,80}") {
            if let Line::Stage(stage) = read(&line) {
                prop_assert!(stage.elapsed_nanos >= 0.0 && stage.elapsed_nanos.is_finite());
                prop_assert!(stage.counters.values().all(|value| value.is_finite()));
            }
        }

        #[test]
        fn what_is_printed_is_read(
            name in "[a-z][a-z0-9_/.-]{0,20}",
            elapsed in 0u64..1 << 50,
            counters in proptest::collection::btree_map("[a-d]{1,4}", -1e9f64..1e9, 0..4),
        ) {
            let pair = |(key, value): (&String, &f64)| format!(" {key}={value}");
            let pairs: String = counters.iter().map(pair).collect();
            let line = format!("name={name}{pairs} elapsed_ns={elapsed}");
            let expected = StageLine { name: Some(name), elapsed_nanos: elapsed as f64, counters };
            prop_assert_eq!(read(&line), Line::Stage(expected));
        }
    }
}
