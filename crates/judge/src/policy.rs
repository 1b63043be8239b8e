//! Every threshold of a summary, each with its reason.

/// The level of every printed interval: the usual one, so that it compares with other tools.
pub const LEVEL: f64 = 0.95;

/// A median under so many times the spawn floor is noted: starting and ending a process is then
/// more than a tenth of what was measured, and its own spread hides changes of the program.
pub const SPAWN_FLOORS_MIN: f64 = 10.0;

/// The first run is noted as slower only over so many times the median of the others. Beyond the
/// fences alone is not enough: on a quiet machine they are narrower than anyone cares for.
pub const FIRST_RUN_RATIO_MIN: f64 = 1.1;

/// The first run is compared with at least so many others: their fences rest on quartiles, which
/// fewer than five do not have.
pub const FIRST_RUN_OTHERS_MIN: usize = 5;

/// The first run is noted as slower only where at most one of the others took as long, or this
/// share of them if that is more. If nothing sets the first run apart, the chance that it is so far
/// up is about this share; where many others are as slow, the cache explains nothing.
pub const FIRST_RUN_EQUALLED_SHARE_MAX: f64 = 0.01;

/// Mild outliers alone are noted only above this share of the samples. The fences put one or two
/// of a hundred samples outside in any bell-shaped set, more in a small one: noting each would put
/// the note on every other point. One that is severe is rare enough to be noted by itself.
pub const MILD_OUTLIER_SHARE_MIN: f64 = 0.1;

/// And only from so many on: one of six is above that share and still chance.
pub const MILD_OUTLIERS_MIN: usize = 2;

/// Peak memory is noted as the starter's own where at least this share of the rows read it: one
/// row that does says nothing about a median.
pub const MEMORY_FLOOR_SHARE_MIN: f64 = 0.5;

/// A row is contended when it waited for a processor over this share of its wall time …
///
/// A quiet run waits, too: each wake-up takes some microseconds. Beyond 2 % the wait is more than
/// the smallest change that anyone asks about, and is not the program's.
pub const CONTENDED_DELAY_SHARE: f64 = 0.02;

/// … and over so many times the median wait of its point's rows besides. A program with more
/// threads than processors waits for itself, and a short one for its wake-ups, in every run. The
/// median is the point's own: a capture mixes programs, and one that waits for itself would hide
/// what happens to the others. What disturbs all runs of a point alike is therefore not found here:
/// the rows' conditions and the load show it.
pub const CONTENDED_DELAY_MEDIANS: f64 = 3.0;

/// A row is contended when the hypervisor took more than this share of the window's time. The
/// counter adds up all processors, and any of them may have been ours: it is held against the time
/// of one. It moves in ticks of 10 ms, so within a short window one tick is enough.
pub const CONTENDED_STEAL_SHARE: f64 = 0.01;

/// A row is contended when the processor was taken from it over so many times the median of its
/// point's rows …
pub const CONTENDED_SWITCHES_MEDIANS: f64 = 5.0;

/// … which counts as at least one. The median of a short program is 0, and then a single switch
/// would be over any multiple of it: on a quiet machine that was a third of the runs of a 1.4 ms
/// program on one processor, whose own helpers take turns with it. What such a switch costs shows
/// in the run delay.
pub const CONTENDED_SWITCHES_MEDIAN_MIN: f64 = 1.0;

/// … and so often a second: one or two switches happen to every program. A scheduler that shares a
/// processor between two programs switches after some milliseconds, a hundred times a second.
pub const CONTENDED_SWITCHES_PER_SECOND: f64 = 10.0;

/// So many bytes of a failed row's output are kept for the note, its end; the row has the rest.
/// A hundred thousand failing points then stay under half a gigabyte.
pub const OUTPUT_TAIL_BYTES_MAX: usize = 4096;

/// So many characters of an answer's beginning are kept, as many as a program may print of it.
pub const PREVIEW_CHARACTERS_MAX: usize = 200;

/// A warm rung counts only where a batch is so many times as long as a program that does nothing:
/// what starting a process leaves behind (cold caches, page faults, the clock still rising) then
/// wears off within the first tenth.
pub const LADDER_FLOORS_MIN: f64 = 10.0;

/// This share of the rungs that count, the first ones, are left out: at small parameters a call is
/// mostly constant costs, which bend a line on logarithms however small they are in nanoseconds. A
/// fifth of a ladder that doubles is still four fifths of its logarithmic span.
pub const LADDER_LEADING_SHARE: f64 = 0.2;

/// A slope of C between minus and plus this is as declared. It is above what caches add between a
/// thousand elements and a million (a factor of 2 is a slope of 0.1), and far below the half power
/// of n that models which people declare lie apart. It hides a factor of log n on a long ladder:
/// 0.12 from 32 to 16 million. Fitting models sees that.
pub const LADDER_TOLERANCE: f64 = 0.15;

/// On a narrow span C may range over this factor. A span is narrow where the tolerance on the slope
/// would allow less than that: under 15 times from the first parameter to the last. A slope there
/// hangs on the noise of the last rung.
pub const LADDER_RANGE_MAX: f64 = 1.5;

/// Where neither the parameter nor the model grows by this factor, nothing is said: C would stay
/// within its range even if the times grew by one more power of n.
pub const LADDER_FACTOR_MIN: f64 = LADDER_RANGE_MAX;

/// Points with fewer batches say nothing of how the machine's speed wanders.
pub const DRIFT_ROWS_MIN: usize = 6;

/// A wandering level is seen about once in so many batches that tell of it: the deviations that are
/// added to an interval follow Student's t with so many times fewer degrees of freedom, two at
/// least. The estimate rests on differences over an eighth of the series and more.
pub const DRIFT_BATCHES_PER_FREEDOM: f64 = 8.0;
