//! How often something happened in so many trials, and how often it may happen at the most.

/// Events among trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Rate {
    /// How often it happened.
    pub(super) events: u64,
    /// How often it was looked for.
    pub(super) trials: u64,
}

impl Rate {
    /// Counts one trial.
    pub(super) fn count(&mut self, happened: bool) {
        self.trials += 1;
        self.events += u64::from(happened);
    }

    /// The one-sided upper 95 % bound of the probability, exact; 1 without trials.
    ///
    /// Source: Clopper & Pearson, Biometrika 26 (1934): the largest probability at which so few
    /// events are seen in one of twenty series. Without events it is near 3 / trials.
    pub(super) fn upper(self) -> f64 {
        if self.events >= self.trials {
            return 1.0;
        }
        let (mut low, mut high) = (0.0, 1.0);
        // Sixty halvings exhaust the digits of a double.
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if self.at_most(middle) > 0.05 { low = middle } else { high = middle }
        }
        high
    }

    /// The probability of so few events or fewer, where one has the probability `p`.
    fn at_most(self, p: f64) -> f64 {
        let trials = self.trials as f64;
        let mut log_ways = 0.0;
        let mut sum = 0.0;
        for events in 0..=self.events {
            let events = events as f64;
            sum += (log_ways + events * p.ln() + (trials - events) * (-p).ln_1p()).exp();
            log_ways += ((trials - events) / (events + 1.0)).ln();
        }
        sum
    }

    /// `0 of 200, under 1.5 %`.
    pub(super) fn show(self) -> String {
        format!("{} of {}, under {:.1} %", self.events, self.trials, 100.0 * self.upper())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_those_of_clopper_and_pearson() {
        // SciPy: beta.ppf(0.95, events + 1, trials - events)
        for (events, trials, shown) in [
            (0, 200, "0 of 200, under 1.5 %"),
            (0, 40, "0 of 40, under 7.2 %"),
            (0, 1, "0 of 1, under 95.0 %"),
            (0, 0, "0 of 0, under 100.0 %"),
            (1, 20, "1 of 20, under 21.6 %"),
            (3, 10, "3 of 10, under 60.7 %"),
            (10, 10, "10 of 10, under 100.0 %"),
            (5, 100_000, "5 of 100000, under 0.0 %"),
        ] {
            assert_eq!(Rate { events, trials }.show(), shown);
        }
        let upper = Rate { events: 5, trials: 100_000 }.upper();
        assert!((upper - 1.0513e-4).abs() < 1e-8, "{upper}");
    }
}
