//! Statistics of a series of rounds: a share with its interval, and the coefficient of variation.

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// Where it held.
    pub(super) held: u64,
    /// Where it was looked at.
    pub(super) of: u64,
}

/// The normal distribution's quantile for a two-sided level of 95 %.
const DEVIATIONS: f64 = 1.959_964;

impl Share {
    /// Counts where it holds.
    pub(super) fn count(all: impl IntoIterator<Item = bool>) -> Self {
        all.into_iter().fold(Self::default(), |share, held| Self {
            held: share.held + u64::from(held),
            of: share.of + 1,
        })
    }

    /// Both together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self { held: self.held + other.held, of: self.of + other.of }
    }

    /// The share, not a number of none.
    pub(super) fn ratio(self) -> f64 {
        self.held as f64 / self.of as f64
    }

    /// The 95 % interval of the probability; everything without trials.
    ///
    /// Source: Wilson, Journal of the American Statistical Association 22 (1927). It takes trials
    /// for independent; functions of one round, and a median that is one of them, are not quite.
    pub(super) fn interval(self) -> (f64, f64) {
        if self.of == 0 {
            return (0.0, 1.0);
        }
        let trials = self.of as f64;
        let squared = DEVIATIONS * DEVIATIONS;
        let centre = self.ratio() + squared / (2.0 * trials);
        let spread = self.ratio() * (1.0 - self.ratio()) / trials;
        let half = DEVIATIONS * (spread + squared / (4.0 * trials * trials)).sqrt();
        let scale = 1.0 + squared / trials;
        (((centre - half) / scale).max(0.0), ((centre + half) / scale).min(1.0))
    }

    /// `9 of 10, 60–98 %`; a dash without trials.
    pub(super) fn show(self) -> String {
        if self.of == 0 {
            return "–".to_owned();
        }
        let (low, high) = self.interval();
        format!("{} of {}, {:.0}–{:.0} %", self.held, self.of, 100.0 * low, 100.0 * high)
    }
}

/// Standard deviation over mean; not a number for fewer than two, or around 0.
pub(super) fn variation(figures: &[f64]) -> f64 {
    let count = figures.len() as f64;
    let mean = figures.iter().sum::<f64>() / count;
    let squares: f64 = figures.iter().map(|figure| (figure - mean).powi(2)).sum();
    (squares / (count - 1.0)).sqrt() / mean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_wilson() {
        // SciPy: binomtest(held, of).proportion_ci(method="wilson")
        for (held, of, shown) in [
            (0, 0, "–"),
            (0, 10, "0 of 10, 0–28 %"),
            (9, 10, "9 of 10, 60–98 %"),
            (10, 10, "10 of 10, 72–100 %"),
            (85, 90, "85 of 90, 88–98 %"),
        ] {
            assert_eq!(Share { held, of }.show(), shown);
        }
        let (low, high) = Share { held: 85, of: 90 }.interval();
        assert!((low - 0.876_463).abs() < 1e-6 && (high - 0.976_039).abs() < 1e-6, "{low} {high}");
    }

    #[test]
    fn shares_are_counted_and_added() {
        let share = Share::count([true, false, true]);
        assert_eq!(share, Share { held: 2, of: 3 });
        assert_eq!(share.plus(Share { held: 1, of: 1 }).ratio(), 0.75);
    }

    #[test]
    fn variation_is_relative() {
        assert_eq!(variation(&[1.0, 3.0]), 2.0_f64.sqrt() / 2.0);
        assert_eq!(variation(&[10.0, 30.0]), variation(&[1.0, 3.0]));
        assert_eq!(variation(&[5.0, 5.0, 5.0]), 0.0);
        assert!(variation(&[5.0]).is_nan() && variation(&[]).is_nan());
    }
}
