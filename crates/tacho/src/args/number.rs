//! Numbers of the command line, refused in our own words.

/// A whole number. A negative one too: what a setting takes is said where it is known.
pub(super) fn whole(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| fault(text))
}

/// A whole number that is not negative.
pub(super) fn natural(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| match whole(text) {
        Ok(_) => "it must not be negative",
        Err(fault) => fault,
    })
}

/// How many there may be: at least one.
pub(super) fn limit(text: &str) -> Result<u32, &'static str> {
    match whole(text)? {
        ..=0 => Err("it must be at least 1"),
        number => u32::try_from(number).map_err(|_| TOO_LARGE),
    }
}

/// Seconds, as hyperfine writes a time without a unit.
pub(super) fn seconds(text: &str) -> Result<f64, &'static str> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Ok(seconds),
        _ => Err("not a number of seconds such as 0.5"),
    }
}

const TOO_LARGE: &str = "the number is too large";

fn fault(text: &str) -> &'static str {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { TOO_LARGE } else { "not a whole number" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let huge = "99999999999999999999";
        for (text, whole_is, natural_is, limit_is) in [
            ("7", Ok(7), Ok(7), Ok(7)),
            ("0", Ok(0), Ok(0), Err("it must be at least 1")),
            ("-1", Ok(-1), Err("it must not be negative"), Err("it must be at least 1")),
            (huge, Err(TOO_LARGE), Err(TOO_LARGE), Err(TOO_LARGE)),
            ("5000000000", Ok(5_000_000_000), Ok(5_000_000_000), Err(TOO_LARGE)),
            (
                "1.5",
                Err("not a whole number"),
                Err("not a whole number"),
                Err("not a whole number"),
            ),
            ("-", Err("not a whole number"), Err("not a whole number"), Err("not a whole number")),
            ("", Err("not a whole number"), Err("not a whole number"), Err("not a whole number")),
        ] {
            assert_eq!(whole(text), whole_is, "{text:?}");
            assert_eq!(natural(text), natural_is, "{text:?}");
            assert_eq!(limit(text), limit_is, "{text:?}");
        }
    }
}
