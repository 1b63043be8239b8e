//! Units with their `Display`: the only place that turns a number and a unit into text.
//!
//! A number is printed with the digits that its uncertainty supports: `{:.N}` is not used; the
//! caller says how wide the uncertainty is and the unit rounds one digit below it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::metric::Unit;

macro_rules! quantity {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
        #[derive(JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub f64);

        impl $name {
            /// With the digits that an uncertainty of `half_width` (in the same base unit)
            /// supports: two significant digits of it, at least two of the number itself, at
            /// most three decimals. Without one, three significant digits.
            #[must_use]
            pub fn within(self, half_width: Option<f64>) -> String {
                format_scaled(self.0, half_width, &$name::SCALES)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(&self.within(None))
            }
        }
    };
}

quantity!(
    /// Time in nanoseconds.
    Nanos
);
quantity!(
    /// Memory in bytes, shown in binary multiples.
    Bytes
);
quantity!(
    /// A number of things.
    Count
);

/// A number in a unit that somebody named: an own counter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity<'a> {
    /// The number, in that unit.
    pub number: f64,
    /// `ns`, `us`, `ms`, `s`, `B`, `KiB`, `MiB`, `GiB` are scaled, and bytes with `/s` behind them;
    /// any other word stands behind the number.
    pub unit: Option<&'a str>,
}

/// A ratio of two like numbers; 1 means equal, above 1 means more.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Ratio(pub f64);

type Scale = (f64, &'static str);

impl Nanos {
    const SCALES: [Scale; 4] = [(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
}

impl Nanos {
    /// In the unit of so many nanoseconds that is called `symbol`, with the decimals that an
    /// uncertainty of `half_width` supports, at most nine.
    #[must_use]
    pub fn within_unit(self, half_width: Option<f64>, unit: f64, symbol: &str) -> String {
        if !self.0.is_finite() {
            return "none".to_owned();
        }
        let half_width = half_width.map(|width| width / unit);
        format!("{} {symbol}", digits(self.0 / unit, half_width, DECIMALS_OF_UNIT_MAX))
    }

    /// In whole seconds, minutes and hours, for spans that are only estimated: `1 min 20 s`.
    #[must_use]
    pub fn coarse(self) -> String {
        let seconds = (self.0 / 1e9).round().max(0.0) as u64;
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, 0, seconds) => format!("{seconds} s"),
            (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
            (hours, minutes, _) => format!("{hours} h {minutes} min"),
        }
    }
}

impl Bytes {
    const SCALES: [Scale; 5] = [
        (1.0, "B"),
        (1024.0, "KiB"),
        (1_048_576.0, "MiB"),
        (1_073_741_824.0, "GiB"),
        (1_099_511_627_776.0, "TiB"),
    ];
}

impl Count {
    const SCALES: [Scale; 4] = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G")];
}

impl Quantity<'_> {
    /// Numbers below it are written with an exponent, as three decimals would hide them …
    const TINY: f64 = 0.01;
    /// … and so are those from here on, which no prefix makes short.
    const HUGE: f64 = 1e12;

    /// With the digits that an uncertainty of `half_width` (in the same unit) supports; without
    /// one, three significant digits.
    #[must_use]
    pub fn within(self, half_width: Option<f64>) -> String {
        if let Some(bytes) = self.bytes_in_a_second() {
            return format!("{}/s", bytes.within(half_width));
        }
        if let Some((base, factor)) = self.base().filter(|_| self.number.abs() < Self::HUGE) {
            let (value, half_width) = (self.number * factor, half_width.map(|it| it * factor));
            return match base {
                Unit::Nanoseconds => Nanos(value).within(half_width),
                Unit::Bytes => Bytes(value).within(half_width),
                Unit::Count => Count(value).within(half_width),
            };
        }
        let size = self.number.abs();
        let is_tiny = size < Self::TINY && size > 0.0;
        self.before_unit(if is_tiny || (size >= Self::HUGE && size.is_finite()) {
            format!("{:.2e}", self.number)
        } else {
            Count(self.number).within(half_width)
        })
    }

    /// A number that has no uncertainty: in full where it is a whole one in a unit that is not
    /// scaled.
    #[must_use]
    pub fn exactly(self) -> String {
        let is_whole = self.number.fract() == 0.0 && self.number.abs() < Self::HUGE;
        if is_whole && self.base().is_none() {
            return self.before_unit(format!("{:.0}", self.number));
        }
        self.within(None)
    }

    /// The bytes of a rate such as `MiB/s`.
    fn bytes_in_a_second(self) -> Option<Self> {
        let unit = self.unit?.strip_suffix("/s")?;
        let bytes = Self { number: self.number, unit: Some(unit) };
        bytes.base().filter(|(base, _)| *base == Unit::Bytes).map(|_| bytes)
    }

    /// What its unit is a multiple of, and which.
    fn base(self) -> Option<(Unit, f64)> {
        Some(match self.unit? {
            "ns" => (Unit::Nanoseconds, 1.0),
            "us" | "µs" => (Unit::Nanoseconds, 1e3),
            "ms" => (Unit::Nanoseconds, 1e6),
            "s" => (Unit::Nanoseconds, 1e9),
            "B" => (Unit::Bytes, 1.0),
            "KiB" => (Unit::Bytes, 1024.0),
            "MiB" => (Unit::Bytes, 1_048_576.0),
            "GiB" => (Unit::Bytes, 1_073_741_824.0),
            _ => return None,
        })
    }

    fn before_unit(self, number: String) -> String {
        match self.unit {
            Some(unit) if !unit.is_empty() => format!("{number} {unit}"),
            _ => number,
        }
    }
}

impl Ratio {
    /// As a change in percent with its sign, `+3.1 %`, with the digits that an uncertainty of
    /// `half_width` (of the ratio) supports. A ratio of 3 or more, or a third or less, reads
    /// better as a factor: `4.2 ×`.
    #[must_use]
    pub fn as_change(self, half_width: Option<f64>) -> String {
        self.as_change_like(self, half_width)
    }

    /// The same in the form that `centre` takes, factor or percent: for the ends of its interval.
    #[must_use]
    pub fn as_change_like(self, centre: Self, half_width: Option<f64>) -> String {
        if !self.0.is_finite() {
            return "none".to_owned();
        }
        if centre.0 >= 3.0 || (centre.0 > 0.0 && centre.0 <= 1.0 / 3.0) {
            return format!("{} ×", digits(self.0, half_width, DECIMALS_MAX));
        }
        let percent = (self.0 - 1.0) * 100.0;
        let decimals = half_width.map_or(1, |width| decimals_for(width * 100.0)).min(2);
        let text = format!("{percent:+.decimals$}");
        let is_zero = text.trim_start_matches(['+', '-']).chars().all(|c| matches!(c, '0' | '.'));
        if is_zero { format!("±{} %", &text[1..]) } else { format!("{text} %") }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.as_change(None))
    }
}

fn format_scaled(value: f64, half_width: Option<f64>, scales: &[Scale]) -> String {
    if !value.is_finite() {
        return "none".to_owned();
    }
    let mut chosen = scales[0];
    for scale in scales {
        // 999.6 prints as 1000: the larger unit reads better from there on.
        if value.abs() >= scale.0 * 0.9995 {
            chosen = *scale;
        }
    }
    let scaled = value / chosen.0;
    let number = if chosen.0 == 1.0 && value.fract() == 0.0 {
        format!("{scaled:.0}")
    } else {
        digits(scaled, half_width.map(|width| width / chosen.0), DECIMALS_MAX)
    };
    if chosen.1.is_empty() { number } else { format!("{number} {}", chosen.1) }
}

/// A scaled number has no more decimals: the next smaller unit takes over.
const DECIMALS_MAX: usize = 3;
/// One in a unit that was asked for may need more.
const DECIMALS_OF_UNIT_MAX: usize = 9;

/// `value` with the decimals that `half_width` supports, or three significant digits.
fn digits(value: f64, half_width: Option<f64>, decimals_max: usize) -> String {
    let own = decimals_of_significant(value, 2);
    let decimals = match half_width {
        Some(width) if width > 0.0 => decimals_for(width).max(own).min(decimals_max),
        Some(_) | None => decimals_of_significant(value, 3).min(decimals_max),
    };
    format!("{value:.decimals$}")
}

/// Decimals that show two significant digits of an uncertainty.
fn decimals_for(half_width: f64) -> usize {
    decimals_of_significant(half_width, 2)
}

/// Decimals that show `significant` digits of `value` once it is rounded to them.
fn decimals_of_significant(value: f64, significant: usize) -> usize {
    if value == 0.0 || !value.is_finite() {
        return 1;
    }
    let rounded = format!("{value:.*e}", significant - 1);
    let exponent = rounded.rsplit_once('e').and_then(|(_, digits)| digits.parse::<i64>().ok());
    let decimals = significant as i64 - 1 - exponent.unwrap_or(0);
    usize::try_from(decimals).unwrap_or(0).min(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_shows_what_the_interval_supports() {
        for (value, half_width, expected) in [
            (0.0, None, "0 ns"),
            (512.0, None, "512 ns"),
            (1_234.0, None, "1.23 µs"),
            (999_600.0, None, "1.00 ms"),
            (457_312.0, Some(1_000.0), "457.3 µs"),
            (457_312.0, Some(20_000.0), "457 µs"),
            (12_345_678.0, Some(300_000.0), "12.35 ms"),
            (12_345_678.0, Some(4_000_000.0), "12.3 ms"),
            (2_500_000_000.0, Some(1.0), "2.500 s"),
            (f64::NAN, None, "none"),
        ] {
            assert_eq!(Nanos(value).within(half_width), expected, "{value} ± {half_width:?}");
        }
    }

    #[test]
    fn estimates_are_coarse() {
        for (seconds, expected) in
            [(0.2, "0 s"), (59.0, "59 s"), (80.4, "1 min 20 s"), (7300.0, "2 h 1 min")]
        {
            assert_eq!(Nanos(seconds * 1e9).coarse(), expected);
        }
    }

    #[test]
    fn memory_is_binary() {
        assert_eq!(Bytes(1023.0).to_string(), "1023 B");
        assert_eq!(Bytes(1023.9).to_string(), "1.00 KiB");
        assert_eq!(Bytes(556.0 * 1024.0).to_string(), "556 KiB");
        assert_eq!(Bytes(2.9 * 1_048_576.0).to_string(), "2.90 MiB");
    }

    #[test]
    fn counters_have_any_unit() {
        for (number, unit, half_width, expected) in [
            (512.0, None, None, "512"),
            (43_210.0, None, None, "43.2 k"),
            (43_210.0, Some("rows/s"), Some(1.0), "43.210 k rows/s"),
            (0.5, Some(""), None, "0.500"),
            (0.0, Some("x"), None, "0 x"),
            (0.000_123, None, Some(0.1), "1.23e-4"),
            (-0.000_123, Some("x"), None, "-1.23e-4 x"),
            (-1_500.0, None, None, "-1.50 k"),
            (1e300, Some("x"), None, "1.00e300 x"),
            (1e300, Some("ms"), None, "1.00e300 ms"),
            (1.5, Some("ns"), None, "1.50 ns"),
            (1500.0, Some("us"), None, "1.50 ms"),
            (1500.0, Some("µs"), None, "1.50 ms"),
            (1500.0, Some("ms"), Some(50.0), "1.500 s"),
            (90.0, Some("s"), None, "90.0 s"),
            (2048.0, Some("B"), None, "2.00 KiB"),
            (2048.0, Some("KiB"), None, "2.00 MiB"),
            (0.5, Some("GiB"), None, "512 MiB"),
            (f64::NAN, Some("x"), None, "none x"),
            (f64::INFINITY, None, None, "none"),
        ] {
            let found = Quantity { number, unit }.within(half_width);
            assert_eq!(found, expected, "{number} {unit:?} ± {half_width:?}");
        }
        for (number, unit, expected) in [
            (1_048_577.0, None, "1048577"),
            (1_048_577.0, Some("rows"), "1048577 rows"),
            (2048.0, Some("B"), "2.00 KiB"),
            (0.25, None, "0.250"),
            (1e15, None, "1.00e15"),
        ] {
            assert_eq!(Quantity { number, unit }.exactly(), expected, "{number} {unit:?}");
        }
    }

    #[test]
    fn changes_carry_their_sign() {
        for (ratio, half_width, expected) in [
            (1.031, Some(0.004), "+3.10 %"),
            (0.9, Some(0.05), "-10.0 %"),
            (1.0, None, "±0.0 %"),
            (4.237, Some(0.1), "4.24 ×"),
            (0.2, None, "0.200 ×"),
            (f64::INFINITY, None, "none"),
        ] {
            assert_eq!(Ratio(ratio).as_change(half_width), expected, "{ratio}");
        }
    }
}
