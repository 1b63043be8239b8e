//! A workload: what one `#[bench]` registers, or a main function by hand.

/// Where a workload was registered: told in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Path of the source file.
    pub file: &'static str,
    /// Line in it.
    pub line: u32,
}

impl Place {
    /// Where this is called from.
    #[must_use]
    #[track_caller]
    pub fn here() -> Self {
        let location = std::panic::Location::caller();
        Self { file: location.file(), line: location.line() }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}:{}", self.file, self.line)
    }
}

/// How a ladder climbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Doubling.
    Double,
    /// Doubling to the cap, then every number between the last within it and the first beyond.
    Bracket,
    /// Every number.
    Linear,
}

/// At which parameters a workload is measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Params {
    /// It has none.
    Fixed,
    /// Exactly these.
    List(Vec<u64>),
    /// From `low` to `high`; without a step as the declared complexity makes sense.
    Ladder {
        /// The smallest.
        low: u64,
        /// The largest.
        high: u64,
        /// How it climbs.
        step: Option<Step>,
    },
}

/// How the time is expected to grow with the parameter.
#[derive(Clone, Copy)]
pub enum Complexity {
    /// An expression in `n`.
    Expression(&'static str),
    /// A function of the parameter.
    Function(fn(u64) -> f64),
}

/// What a call works through: `metrics.throughput` is this over its time.
#[derive(Clone, Copy)]
pub enum Throughput {
    /// So many bytes at a parameter (0 for a fixed workload): `B/s`.
    Bytes(fn(u64) -> u64),
    /// So many elements: `elements/s`.
    Elements(fn(u64) -> u64),
}

/// The hash that the result must have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing was said.
    Nothing,
    /// At every parameter, or of a fixed workload.
    Always(u64),
    /// By parameter.
    At(Vec<(u64, u64)>),
}

/// Measures one batch: is given the parameter (0 for a fixed workload), and tells the bencher.
///
/// Where a workload has threads, each of them makes the call with a bencher of its own.
pub type Call = Box<dyn Fn(&mut crate::Bencher, u64) + Send + Sync>;

/// One workload of a harness binary.
pub struct Workload {
    /// Its name, `group/name`.
    pub name: String,
    /// Where it was registered.
    pub place: Place,
    /// At which parameters it is measured.
    pub params: Params,
    /// How its time is expected to grow.
    pub complexity: Option<Complexity>,
    /// Words by which workloads are selected together.
    pub tags: Vec<String>,
    /// The group of implementations of one thing that it belongs to.
    pub variant_of: Option<String>,
    /// One call a process.
    pub cold: bool,
    /// A point for each of these numbers of threads; none: one thread, and no point of its own.
    pub threads: Vec<u32>,
    /// What a call works through.
    pub throughput: Option<Throughput>,
    /// The hash that the result must have.
    pub expected: Expected,
    /// The longest that a batch of its ladder may take.
    pub cap_nanos: Option<u64>,
    /// How much measured time a batch is to have.
    pub target_nanos: Option<u64>,
    /// Why it cannot be measured, as a sentence that names it: the others can.
    pub error: Option<String>,
    /// Measures one batch.
    pub call: Call,
}

impl Workload {
    /// A workload without a parameter, and with nothing else said of it.
    #[must_use]
    #[track_caller]
    pub fn fixed(
        name: impl Into<String>,
        call: impl Fn(&mut crate::Bencher) + Send + Sync + 'static,
    ) -> Self {
        Self::at(Place::here(), name.into(), Params::Fixed, Box::new(move |b, _| call(b)))
    }

    /// A workload with a parameter, and with nothing else said of it.
    #[must_use]
    #[track_caller]
    pub fn parametric(
        name: impl Into<String>,
        params: Params,
        call: impl Fn(&mut crate::Bencher, u64) + Send + Sync + 'static,
    ) -> Self {
        Self::at(Place::here(), name.into(), params, Box::new(call))
    }

    /// The same for a place that is given.
    #[must_use]
    pub fn at(place: Place, name: String, params: Params, call: Call) -> Self {
        Self {
            name,
            place,
            params,
            complexity: None,
            tags: Vec::new(),
            variant_of: None,
            cold: false,
            threads: Vec::new(),
            throughput: None,
            expected: Expected::Nothing,
            cap_nanos: None,
            target_nanos: None,
            error: None,
            call,
        }
    }
}
