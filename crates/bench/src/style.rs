//! How things look: the characters of a terminal's locale, colours, and numbers with their units.

use std::ffi::OsStr;

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What a piece of text is, for its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tint {
    /// As it is.
    Plain,
    /// What is looked for first.
    Strong,
    /// What is looked at last.
    Faint,
    /// What went wrong.
    Bad,
}

/// How a stream is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// With escape codes for colours.
    pub(crate) colors: bool,
    /// With characters beyond ASCII.
    pub(crate) unicode: bool,
}

/// The environment's words about appearance, read once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looks {
    /// `LC_ALL`, else `LC_CTYPE`, else `LANG`.
    pub(crate) locale: Option<String>,
    /// Whether `NO_COLOR` is set to something.
    pub(crate) no_color: bool,
    /// Whether `TERM` is `dumb`.
    pub(crate) dumb: bool,
}

impl Looks {
    /// As the environment has them.
    pub(crate) fn of_environment() -> Self {
        let full = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(full);
        Self {
            locale: locale.map(|value| value.to_string_lossy().into_owned()),
            no_color: full("NO_COLOR").is_some(),
            dumb: full("TERM").is_some_and(|term| term == OsStr::new("dumb")),
        }
    }

    /// The style of a stream.
    pub(crate) fn style(&self, color: Color, is_terminal: bool) -> Style {
        let colors = match color {
            Color::Auto => is_terminal && !self.no_color && !self.dumb,
            Color::Always => true,
            Color::Never => false,
        };
        // Only Unix tells its encoding in the environment.
        let unicode = !cfg!(unix) || self.locale.as_deref().is_some_and(is_utf8);
        Style { colors, unicode }
    }
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

impl Style {
    /// The text in its colour.
    pub(crate) fn tinted(self, text: &str, tint: Tint) -> String {
        let code = match tint {
            Tint::Plain => return self.encoded(text),
            Tint::Strong => "1",
            Tint::Faint => "2",
            Tint::Bad => "31",
        };
        let text = self.encoded(text);
        if self.colors && !text.trim().is_empty() {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text
        }
    }

    /// Our own characters as the terminal can show them, and no control characters.
    fn encoded(self, text: &str) -> String {
        let text = text.chars().filter(|c| !c.is_control());
        if self.unicode {
            return text.collect();
        }
        text.map(|c| match c {
            'µ' => 'u',
            '×' => 'x',
            '├' | '│' => '|',
            '╰' => '`',
            '─' | '·' => '-',
            '…' => '.',
            other => other,
        })
        .collect()
    }
}

/// A time with four significant digits and at most three decimals: `1.234 µs`.
pub(crate) fn time(nanos: f64) -> String {
    scaled(nanos, 4, &[(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")])
}

/// What a unit of a model costs: as a time, in small units too, as models grow fast.
pub(crate) fn coefficient(nanos: f64) -> String {
    if nanos.abs() < 1e-6 && nanos != 0.0 {
        return format!("{nanos:.1e} ns");
    }
    scaled(
        nanos,
        4,
        &[(1e-6, "fs"), (1e-3, "ps"), (1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")],
    )
}

/// How many times as much: `1.34 ×`.
pub(crate) fn ratio(ratio: f64) -> String {
    scaled(ratio, 3, &[(1.0, "×")])
}

/// Bytes in a second.
pub(crate) fn bytes_rate(rate: f64) -> String {
    const KIB: f64 = 1024.0;
    let units = [(1.0, "B/s"), (KIB, "KiB/s"), (KIB * KIB, "MiB/s"), (KIB * KIB * KIB, "GiB/s")];
    scaled(rate, 3, &units)
}

/// Elements in a second.
pub(crate) fn elements_rate(rate: f64) -> String {
    scaled(rate, 3, &[(1.0, "elem/s"), (1e3, "kelem/s"), (1e6, "Melem/s"), (1e9, "Gelem/s")])
}

/// Bytes of memory.
pub(crate) fn bytes(bytes: f64) -> String {
    const KIB: f64 = 1024.0;
    scaled(bytes, 3, &[(1.0, "B"), (KIB, "KiB"), (KIB * KIB, "MiB"), (KIB * KIB * KIB, "GiB")])
}

/// `number` in the largest of the units (ascending) of which it is at least one, with so many
/// significant digits.
fn scaled(number: f64, significant: usize, units: &[(f64, &str)]) -> String {
    let digits = |number: f64| {
        let whole = if number.abs() < 1.0 { 1 } else { number.abs().log10() as usize + 1 };
        significant.saturating_sub(whole).min(3)
    };
    // Rounded first: 9.9996 has as many digits as 10.00, and 999.96 ns is 1.000 µs.
    let written = |number: f64| {
        let rounded = format!("{number:.*}", digits(number)).parse().unwrap_or(number);
        format!("{number:.*}", digits(rounded))
    };
    let mut shown = String::new();
    for (size, unit) in units {
        let text = written(number / size);
        let next = next_of(*size, units);
        let is_small = text.parse::<f64>().is_ok_and(|rounded| rounded.abs() < next);
        shown = format!("{text} {unit}");
        if is_small {
            break;
        }
    }
    shown
}

/// How many of the unit of this size make the next.
fn next_of(size: f64, units: &[(f64, &str)]) -> f64 {
    units.iter().find(|(next, _)| *next > size).map_or(f64::INFINITY, |(next, _)| next / size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_are_read() {
        let times = [
            (0.0, "0.000 ns"),
            (0.3124, "0.312 ns"),
            (1.0, "1.000 ns"),
            (12.345, "12.35 ns"),
            (9.9999, "10.00 ns"),
            (999.94, "999.9 ns"),
            (999.96, "1.000 µs"),
            (41_234.0, "41.23 µs"),
            (999_996.0, "1.000 ms"),
            (1.5e9, "1.500 s"),
            (75e9, "75.00 s"),
            (12_345e9, "12345 s"),
        ];
        for (nanos, wanted) in times {
            assert_eq!(time(nanos), wanted);
        }
        let others = [
            (ratio(1.0), "1.00 ×"),
            (ratio(0.3), "0.30 ×"),
            (ratio(12_345.0), "12345 ×"),
            (coefficient(0.0), "0.000 fs"),
            (coefficient(1.2e-7), "1.2e-7 ns"),
            (coefficient(0.00012), "120.0 fs"),
            (coefficient(1.034), "1.034 ns"),
            (bytes_rate(3.5 * 1_073_741_824.0), "3.50 GiB/s"),
            (bytes_rate(1023.9), "1.00 KiB/s"),
            (bytes_rate(5e15), "4656613 GiB/s"),
            (elements_rate(120e6), "120 Melem/s"),
            (bytes(2048.0), "2.00 KiB"),
        ];
        for (found, wanted) in others {
            assert_eq!(found, wanted);
        }
    }

    #[test]
    fn the_environment_decides_about_characters_and_colours() {
        let looks = |locale: &str, no_color, dumb| Looks {
            locale: (!locale.is_empty()).then(|| locale.to_owned()),
            no_color,
            dumb,
        };
        let cases = [
            (looks("C.UTF-8", false, false), Color::Auto, true, (true, true)),
            (looks("en_GB.utf8", false, false), Color::Auto, false, (false, true)),
            (looks("C", true, false), Color::Auto, true, (false, false)),
            (looks("", false, true), Color::Auto, true, (false, false)),
            (looks("C", true, true), Color::Always, false, (true, false)),
            (looks("C.UTF-8", false, false), Color::Never, true, (false, true)),
        ];
        for (looks, color, is_terminal, wanted) in cases {
            let style = looks.style(color, is_terminal);
            let unicode = wanted.1 || !cfg!(unix);
            assert_eq!((style.colors, style.unicode), (wanted.0, unicode), "{looks:?}");
        }
    }

    #[test]
    fn no_name_can_move_the_cursor() {
        let style = Style { colors: false, unicode: true };
        assert_eq!(style.tinted("a\u{1b}[2Jb\r\n", Tint::Bad), "a[2Jb");
        let ascii = Style { colors: true, unicode: false };
        assert_eq!(ascii.tinted("├─ 3 µs", Tint::Strong), "\u{1b}[1m|- 3 us\u{1b}[0m");
        assert_eq!(ascii.tinted("  ", Tint::Strong), "  ");
    }
}
