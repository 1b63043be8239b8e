//! Durations as people write them: `20ms`, `1.5s`.

/// The units, with their nanoseconds.
const UNITS: [(&str, f64); 6] =
    [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("min", 60e9)];

/// The longest, a day.
const NANOS_MAX: f64 = 86_400e9;

/// Whole nanoseconds, or what was expected.
pub(crate) fn parse_nanos(text: &str) -> Result<u64, String> {
    let wanted = || format!("{text:?} is no duration: write a number and ns, us, ms, s or min");
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wanted)?;
    let (number, unit) = (text[..unit_at].trim(), text[unit_at..].trim());
    let number: f64 = number.parse().map_err(|_| wanted())?;
    let (_, factor) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or_else(wanted)?;
    let nanos = (number * factor).round();
    if !(1.0..=NANOS_MAX).contains(&nanos) {
        return Err(format!("{text:?} is not between 1ns and a day"));
    }
    Ok(nanos as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, nanos) in [
            ("1ns", 1),
            ("20ms", 20_000_000),
            ("1.5s", 1_500_000_000),
            ("1 s", 1_000_000_000),
            ("7us", 7000),
            ("7µs", 7000),
            ("2min", 120_000_000_000),
        ] {
            assert_eq!(parse_nanos(text), Ok(nanos), "{text}");
        }
        for text in ["", "1", "ms", "1 hour", "-1s", "0s", "1e3s", "2000min", "1.2.3s", "0.1ns"] {
            assert!(parse_nanos(text).is_err(), "{text}");
        }
    }
}
