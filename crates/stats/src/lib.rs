//! Numbers in, numbers out: the statistics that verdicts stand on, each with its source.
//!
//! Every function takes `&[f64]` (and a level or a seed), and answers with a number or a
//! [`Refusal`]: none panics on an empty slice, a NaN or an infinity. Nothing here knows of a
//! workload, a row or a clock. Samples need no order; passing them sorted makes sorting again
//! cheap. The one text that is read is a [`Model`], an expression in `n`. `tests/reference` holds
//! answers computed by SciPy, with the script.

mod autocorrelation;
mod bootstrap;
mod model;
mod outlier;
mod quantile;
mod refusal;
mod rng;
mod scaling;
mod shift;
mod summary;

pub use autocorrelation::drift_variance;
pub use model::{InvalidModel, Model, ModelProblem};
pub use outlier::{Fences, Outlier, OutlierCounts};
pub use quantile::{MedianInterval, median_interval, quantile, student_quantile};
pub use refusal::Refusal;
pub use rng::Rng;
pub use scaling::{
    Growth, GrowthFit, GrowthKnee, KNEE_GAIN_MIN, KNEE_RESIDUAL_MIN, KNEE_SHARE_MIN, Rung,
    SLOPE_PROCESSES_MIN, SLOPE_RUNGS_MIN, SlopeInterval, growth_fits, growth_knee, slope,
    slope_interval,
};
pub use shift::{
    RankMethod, ShiftInterval, ratio_estimate, ratio_interval, shift_estimate, shift_interval,
};
pub use summary::{mad, max, mean, median, min, stddev};
