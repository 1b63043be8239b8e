//! The spawner of `tacho`, driven by a process that holds memory as a large `tacho` would.
//!
//! `ballast MIB RUNS PROGRAM` prints the median wall time of a run, the CPU time of all runs, and
//! the CPU time of starting them: ours since the memory is held, and the spawner's. Each is a line
//! of a name and nanoseconds. The scheduler's own counts are read, since filling 1 GiB costs more
//! than a thousand runs and would drown a difference of totals.
//!
//! A starter that forks copies the page tables of all it holds: from a process of 1 GiB a run takes
//! tens of milliseconds. The product has no flag for holding memory, so this is the large process,
//! and links what `tacho` starts children with. `cargo xtask bench spawn` builds and runs it.

use std::collections::BTreeMap;
use std::io::Write;

use tacho_measure::program::{Program, Surroundings};
use tacho_measure::spawn::{self, End, Ended, Event, Next, SpawnError, Spawner};

/// Requests that wait in the spawner, so that it need not wait for us.
const QUEUED_MAX: u64 = 8;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [mib, runs, program] = &words[..] else { return Err("MIB RUNS PROGRAM".into()) };
    let held = vec![1_u8; mib.parse::<usize>()? << 20];
    let (mut ended, own) = drive(program, runs.parse::<u64>()?.max(1))?;
    std::hint::black_box(&held);
    ended.sort_by_key(wall_nanos);
    let (low, high) = (&ended[(ended.len() - 1) / 2], &ended[ended.len() / 2]);
    let median = u64::midpoint(wall_nanos(low), wall_nanos(high));
    let of_runs: u64 = ended.iter().map(|ended| ended.user_nanos + ended.system_nanos).sum();
    writeln!(std::io::stdout(), "median {median}\nown {own}\nruns {of_runs}")?;
    Ok(())
}

fn wall_nanos(ended: &Ended) -> u64 {
    ended.end_nanos - ended.start_nanos
}

/// Runs the program so often; also gives the CPU time of starting, ours and the spawner's.
fn drive(program: &str, runs: u64) -> Result<(Vec<Ended>, u64), Failure> {
    let words = [program.to_owned()];
    let here = std::env::current_dir()?;
    let program = Program::find(&words, &Surroundings::inherited(), &BTreeMap::new(), &here, None)?;
    // Nothing is ever written to the pipe: the spawner is not to be woken.
    let (wake, _keep_open) = std::io::pipe()?;
    let before = cpu_nanos("self")?;
    let mut spawner = spawn::start(wake.into())?;
    let ended = run_all(spawner.as_mut(), &program, runs)?;
    let mut own = cpu_nanos("self")? - before;
    for process in children()? {
        own += cpu_nanos(&process)?;
    }
    Ok((ended, own))
}

/// What the scheduler counted for the first thread of a process.
fn cpu_nanos(process: &str) -> Result<u64, Failure> {
    let text = std::fs::read_to_string(format!("/proc/{process}/schedstat"))?;
    Ok(text.split(' ').next().unwrap_or_default().parse()?)
}

/// The processes whose parent we are: the spawner, once no run is left.
fn children() -> Result<Vec<String>, Failure> {
    let ours = std::process::id().to_string();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let stat = std::fs::read_to_string(format!("/proc/{name}/stat")).unwrap_or_default();
        // Behind the name in parentheses, which may hold anything: the state, then the parent.
        let behind = stat.rsplit_once(") ").map_or("", |(_, behind)| behind);
        if behind.split(' ').nth(1) == Some(ours.as_str()) {
            found.push(name);
        }
    }
    Ok(found)
}

fn run_all(
    spawner: &mut dyn Spawner,
    program: &Program,
    runs: u64,
) -> Result<Vec<Ended>, SpawnError> {
    let mut all = Vec::new();
    let mut submitted = 0;
    while (all.len() as u64) < runs {
        while submitted < runs && submitted < all.len() as u64 + QUEUED_MAX {
            submitted += 1;
            spawner.submit(submitted, program, true)?;
        }
        if let Event::Ended(ended) = spawner.wait(None)? {
            if ended.end != End::Exited(0) {
                return Err(SpawnError::Gone(format!("the program ended with {:?}", ended.end)));
            }
            // On a busy machine a run may take so long that it is announced; its end is then held.
            if ended.held {
                spawner.go_on(Next::Resume)?;
            }
            all.push(*ended);
        }
    }
    Ok(all)
}
