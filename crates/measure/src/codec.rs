//! The frames of the embedded spawner as bytes: a program to a request, an answer to what ended.

use std::mem::offset_of;

use crate::frame::{
    Answer, FLAG_KEEP_ADDRESSES, FLAG_NICE, OUTPUT_FILE, OUTPUT_INHERIT, OUTPUT_NULL, OUTPUT_PIPE,
    REQUEST_RUN, Request, STEP_ADDRESSES, STEP_CGROUP, STEP_CLONE, STEP_CPUS, STEP_DIR, STEP_EXEC,
    STEP_MEMORY, STEP_NICE, STEP_OUTPUT, STEP_STDIN, UNKNOWN,
};
use crate::program::{Program, Sink};
use crate::spawn::{ENTER_FOLDER, End, Ended, MAKE_PROCESS, OPEN_INPUT, OPEN_OUTPUT};
use crate::tail::Tail;

pub(crate) const ANSWER_BYTES: usize = size_of::<Answer>();

/// Appends the request to run `program` to `out`.
pub(crate) fn encode(out: &mut Vec<u8>, token: u64, program: &Program, quiet: bool) {
    let frame = program.frame.get_or_init(|| frame(program));
    let start = out.len();
    out.extend_from_slice(frame);
    let at = start + offset_of!(Request, token);
    out[at..at + 8].copy_from_slice(&token.to_ne_bytes());
    let at = start + offset_of!(Request, quiet);
    out[at..at + 4].copy_from_slice(&u32::from(quiet).to_ne_bytes());
}

/// A request, laid out as `frame.rs` says, without its token.
fn frame(program: &Program) -> Vec<u8> {
    let head = size_of::<Request>();
    let slots = program.argv.len() + program.env.len() + 2;
    let mut out = vec![0; head + slots * 8];
    let text = |out: &mut Vec<u8>, bytes: &[u8]| {
        let offset = out.len();
        out.extend_from_slice(bytes);
        offset
    };
    let words = program.argv.iter().map(Some).chain([None]);
    let table = words.chain(program.env.iter().map(Some)).chain([None]);
    for (slot, entry) in table.enumerate() {
        if let Some(entry) = entry {
            let offset = text(&mut out, entry.as_bytes_with_nul()) as u64;
            let at = head + slot * 8;
            out[at..at + 8].copy_from_slice(&offset.to_ne_bytes());
        }
    }
    let path = text(&mut out, program.path.as_bytes_with_nul());
    let dir = text(&mut out, program.dir.as_bytes_with_nul());
    let stdin = program.stdin.as_ref().map_or(0, |path| text(&mut out, path.as_bytes_with_nul()));
    let (output, output_path) = match &program.output {
        Sink::Pipe => (OUTPUT_PIPE, 0),
        Sink::Null => (OUTPUT_NULL, 0),
        Sink::Inherit => (OUTPUT_INHERIT, 0),
        Sink::File(path) => (OUTPUT_FILE, text(&mut out, path.as_bytes_with_nul())),
    };
    let bounds = &program.bounds;
    let cgroup = bounds.cgroup_procs.as_ref();
    let cgroup = cgroup.map_or(0, |path| text(&mut out, path.as_bytes_with_nul()));
    let cpus = bounds.cpus.as_ref().map_or(0, |mask| text(&mut out, mask));
    let flags = if bounds.nice.is_some() { FLAG_NICE } else { 0 }
        | if bounds.keeps_addresses { FLAG_KEEP_ADDRESSES } else { 0 };
    let length = out.len().next_multiple_of(8);
    out.resize(length, 0);
    let int = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    put_head(
        &mut out,
        &Request {
            length: int(length),
            kind: REQUEST_RUN,
            token: 0,
            announce_after_nanos: program.announce_after_nanos,
            program: int(path),
            dir: int(dir),
            stdin: int(stdin),
            argc: int(program.argv.len()),
            envc: int(program.env.len()),
            quiet: 0,
            output,
            output_path: int(output_path),
            cgroup: int(cgroup),
            cpus: int(cpus),
            cpus_bytes: int(bounds.cpus.as_ref().map_or(0, Vec::len)),
            nice: bounds.nice.unwrap_or(0),
            flags,
            padding: 0,
            address_space_bytes_max: bounds.address_space_bytes_max.unwrap_or(0),
        },
    );
    out
}

/// Writes the fields of a request, in the order of `frame.rs`, to the front of `out`.
fn put_head(out: &mut [u8], head: &Request) {
    let mut at = 0;
    let mut put = |bytes: &[u8]| {
        out[at..at + bytes.len()].copy_from_slice(bytes);
        at += bytes.len();
    };
    put(&head.length.to_ne_bytes());
    put(&head.kind.to_ne_bytes());
    put(&head.token.to_ne_bytes());
    put(&head.announce_after_nanos.to_ne_bytes());
    for field in [
        head.program,
        head.dir,
        head.stdin,
        head.argc,
        head.envc,
        head.quiet,
        head.output,
        head.output_path,
        head.cgroup,
        head.cpus,
        head.cpus_bytes,
        head.nice.cast_unsigned(),
        head.flags,
        head.padding,
    ] {
        put(&field.to_ne_bytes());
    }
    put(&head.address_space_bytes_max.to_ne_bytes());
    debug_assert_eq!(at, size_of::<Request>(), "every field has its place");
}

/// The fields of an answer in the order of `frame.rs`.
pub(crate) fn decode(bytes: &[u8; ANSWER_BYTES]) -> Answer {
    let long = |at: usize| {
        u64::from_ne_bytes(bytes[at..at + 8].try_into().expect("eight bytes of a fixed array"))
    };
    let int = |at: usize| {
        u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes of a fixed array"))
    };
    Answer {
        kind: int(0),
        pid: int(4).cast_signed(),
        token: long(8),
        start_nanos: long(16),
        end_nanos: long(24),
        user_micros: long(32),
        system_micros: long(40),
        peak_rss_kb: long(48),
        minor_faults: long(56),
        major_faults: long(64),
        voluntary_switches: long(72),
        involuntary_switches: long(80),
        run_delay_nanos: long(88),
        run_nanos: long(96),
        stops: long(104),
        leaked: long(112),
        survivors: long(120),
        status: int(128).cast_signed(),
        errno: int(132).cast_signed(),
        step: int(136),
        held: int(140),
    }
}

/// What an answer says of a child, with what the child printed.
pub(crate) fn ended(answer: &Answer, stdout: Tail, stderr: Tail) -> Ended {
    let end = match (answer.errno, answer.status & 0x7f) {
        (0, 0) => End::Exited((answer.status >> 8) & 0xff),
        (0, signal) => End::Signaled(signal),
        (errno, _) => End::NotStarted { step: step_name(answer.step), errno },
    };
    Ended {
        token: answer.token,
        pid: answer.pid,
        start_nanos: answer.start_nanos,
        end_nanos: answer.end_nanos,
        end,
        user_nanos: answer.user_micros * 1000,
        system_nanos: answer.system_micros * 1000,
        peak_rss_kb: answer.peak_rss_kb,
        minor_faults: answer.minor_faults,
        major_faults: answer.major_faults,
        voluntary_switches: answer.voluntary_switches,
        involuntary_switches: answer.involuntary_switches,
        run_delay_nanos: Some(answer.run_delay_nanos).filter(|nanos| *nanos != UNKNOWN),
        run_nanos: answer.run_nanos,
        stops: Some(answer.stops),
        leaked: answer.leaked,
        survivors: answer.survivors,
        stdout,
        stderr,
        held: answer.held != 0,
    }
}

fn step_name(step: u32) -> &'static str {
    match step {
        STEP_CLONE => MAKE_PROCESS,
        STEP_DIR => ENTER_FOLDER,
        STEP_STDIN => OPEN_INPUT,
        STEP_EXEC => "execute it",
        STEP_OUTPUT => OPEN_OUTPUT,
        STEP_CGROUP => "join its control group",
        STEP_CPUS => "keep it to its `cpus`",
        STEP_NICE => "give it its `nice`",
        STEP_ADDRESSES => "turn off the randomisation of its addresses",
        STEP_MEMORY => "limit its memory",
        _ => "prepare it",
    }
}
