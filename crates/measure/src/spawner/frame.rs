//! The frames between `tacho` and its spawner: plain integers of one machine, no codec.
//!
//! Compiled twice: into the spawner, which has no `std`, and into `spawn.rs`. Requests and
//! answers share one stream socket; control frames have a socket of their own, so that a signal
//! never waits behind queued requests.

/// A request's fixed head; the pointer table and the texts follow it in the same frame.
///
/// Offsets count bytes from the start of the frame. The table holds `argc` offsets, a zero, `envc`
/// offsets, a zero: the spawner adds the frame's address to each and has `argv` and `envp`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Request {
    /// Of the whole frame, a multiple of 8.
    pub(crate) length: u32,
    /// [`REQUEST_RUN`].
    pub(crate) kind: u32,
    /// Rises with every request; answers repeat it.
    pub(crate) token: u64,
    /// A child that lives longer is announced.
    pub(crate) announce_after_nanos: u64,
    /// Offset of the program's absolute path.
    pub(crate) program: u32,
    /// Offset of the working folder's path.
    pub(crate) dir: u32,
    /// Offset of the path of standard input, 0 for none.
    pub(crate) stdin: u32,
    /// Number of words.
    pub(crate) argc: u32,
    /// Number of variables.
    pub(crate) envc: u32,
    /// 1: the program was short and silent until now. It is waited for in a cheaper way, which
    /// looks at what it prints only once it is announced.
    pub(crate) quiet: u32,
    /// What standard output is: an `OUTPUT_` number.
    pub(crate) output: u32,
    /// Offset of the path of [`OUTPUT_FILE`].
    pub(crate) output_path: u32,
    /// Offset of the path of a control group's `cgroup.procs`, 0 for none.
    pub(crate) cgroup: u32,
    /// Offset of a processor mask, 0 for none.
    pub(crate) cpus: u32,
    /// Bytes of that mask.
    pub(crate) cpus_bytes: u32,
    /// The niceness of [`FLAG_NICE`].
    pub(crate) nice: i32,
    /// `FLAG_` bits.
    pub(crate) flags: u32,
    /// Keeps the size a multiple of 8.
    pub(crate) padding: u32,
    /// RLIMIT_AS in bytes, 0 for none.
    pub(crate) address_space_bytes_max: u64,
}

/// Standard output is our pipe.
pub(crate) const OUTPUT_PIPE: u32 = 0;
/// Standard output is `/dev/null`.
pub(crate) const OUTPUT_NULL: u32 = 1;
/// Standard output and standard error are the user's.
pub(crate) const OUTPUT_INHERIT: u32 = 2;
/// Standard output is a file, emptied first.
pub(crate) const OUTPUT_FILE: u32 = 3;

/// The child gets [`Request::nice`].
pub(crate) const FLAG_NICE: u32 = 1;
/// The child's addresses are not randomised.
pub(crate) const FLAG_KEEP_ADDRESSES: u32 = 2;

/// `Request::kind` of the one request there is.
pub(crate) const REQUEST_RUN: u32 = 1;

/// A control frame.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Control {
    /// One of the `CONTROL_` numbers.
    pub(crate) kind: u32,
    /// The signal of [`CONTROL_SIGNAL`].
    pub(crate) signal: i32,
    /// Which request is meant.
    pub(crate) token: u64,
}

/// Send `signal` to the process group of the running child, if its token is not above `token`.
pub(crate) const CONTROL_SIGNAL: u32 = 1;
/// Go on after a held answer.
pub(crate) const CONTROL_RESUME: u32 = 2;
/// Go on after a held answer, but run nothing with a token up to and including `token`, and say
/// nothing of it.
pub(crate) const CONTROL_DISCARD: u32 = 3;

/// An answer.
#[repr(C)]
#[derive(Clone, Copy)]
pub(crate) struct Answer {
    /// One of the `ANSWER_` numbers.
    pub(crate) kind: u32,
    /// The child's process id, 0 where there is none.
    pub(crate) pid: i32,
    /// The request's token.
    pub(crate) token: u64,
    /// CLOCK_MONOTONIC just before the child was made.
    pub(crate) start_nanos: u64,
    /// CLOCK_MONOTONIC just after it was seen to have ended.
    pub(crate) end_nanos: u64,
    /// CPU time in user mode.
    pub(crate) user_micros: u64,
    /// CPU time in the kernel.
    pub(crate) system_micros: u64,
    /// `ru_maxrss`.
    pub(crate) peak_rss_kb: u64,
    /// `ru_minflt`.
    pub(crate) minor_faults: u64,
    /// `ru_majflt`.
    pub(crate) major_faults: u64,
    /// `ru_nvcsw`.
    pub(crate) voluntary_switches: u64,
    /// `ru_nivcsw`.
    pub(crate) involuntary_switches: u64,
    /// How long its first thread was ready and had no processor; [`UNKNOWN`] where the kernel does
    /// not say.
    pub(crate) run_delay_nanos: u64,
    /// How long that thread had one.
    pub(crate) run_nanos: u64,
    /// How often it was seen to be stopped by a signal.
    pub(crate) stops: u64,
    /// Descendants that outlived the child and were killed.
    pub(crate) leaked: u64,
    /// Descendants that outlived the child and could not be killed.
    pub(crate) survivors: u64,
    /// The wait status, as `wait4` gives it.
    pub(crate) status: i32,
    /// Why the child could not be made or could not become the program; 0: it did.
    pub(crate) errno: i32,
    /// Which step [`Answer::errno`] belongs to: a `STEP_` number.
    pub(crate) step: u32,
    /// 1: the spawner waits for a control frame before it starts the next request.
    pub(crate) held: u32,
}

/// A number that is not known.
pub(crate) const UNKNOWN: u64 = u64::MAX;

/// The child lives longer than `announce_after_nanos`, or has printed something.
pub(crate) const ANSWER_STARTED: u32 = 1;
/// The child has ended.
pub(crate) const ANSWER_ENDED: u32 = 2;

/// Making the child.
pub(crate) const STEP_CLONE: u32 = 1;
/// Entering the working folder.
pub(crate) const STEP_DIR: u32 = 2;
/// Opening standard input.
pub(crate) const STEP_STDIN: u32 = 3;
/// Becoming the program.
pub(crate) const STEP_EXEC: u32 = 4;
/// Opening the file for standard output.
pub(crate) const STEP_OUTPUT: u32 = 5;
/// Joining its control group.
pub(crate) const STEP_CGROUP: u32 = 6;
/// Keeping to its processors.
pub(crate) const STEP_CPUS: u32 = 7;
/// Taking its niceness.
pub(crate) const STEP_NICE: u32 = 8;
/// Turning the randomisation of addresses off.
pub(crate) const STEP_ADDRESSES: u32 = 9;
/// Limiting its memory.
pub(crate) const STEP_MEMORY: u32 = 10;
