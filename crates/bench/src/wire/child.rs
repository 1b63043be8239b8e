//! `_child`: one batch, one row.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::request::Request;
use super::{row, say};
use crate::Workload;
use crate::batch::{Batch, Order};
use crate::bencher::{Bencher, Job, Outcome};
use crate::team::Team;

/// The time of a batch where nobody says one.
const TARGET_NANOS_DEFAULT: u64 = 20_000_000;

/// What Rust itself ends a program with that panics.
const PANICKED: i32 = 101;

/// Measures the batch and prints its row.
pub(super) fn run(request: &Request, workloads: &[Workload]) -> Result<(), String> {
    let (workload, param) = request.find(workloads)?;
    let target = request.target_nanos.or(workload.target_nanos);
    let order = Order {
        target_nanos: target.unwrap_or(TARGET_NANOS_DEFAULT),
        cold: request.cold.unwrap_or(workload.cold),
    };
    let measured = match request.threads {
        None | Some(1) => alone(workload, param, order),
        Some(threads) => together(workload, param, order, threads),
    };
    let row = match measured {
        Ok(batch) => row::measured(workload, request, &batch),
        Err(error) => row::failed(workload, request, &error),
    };
    // The benchmark may have left its own line open: the row begins a new one.
    say(&format!("\n{row}\n"))
}

fn alone(workload: &Workload, param: u64, order: Order) -> Result<Batch, String> {
    let mut bencher = Bencher::new(Job::Measure(order, None));
    (workload.call)(&mut bencher, param);
    batch_of(bencher)
}

/// The benchmark runs in so many threads, each with its own set-up and state; this one decides.
fn together(workload: &Workload, param: u64, order: Order, threads: u32) -> Result<Batch, String> {
    let team = Arc::new(Team::new(threads as usize));
    std::thread::scope(|scope| {
        for _ in 1..threads {
            let follow = || {
                let job = Job::Follow(Arc::clone(&team));
                // What a follower has to say stands in the error of the one that decides.
                let _ = guarded(&team, workload, param, Bencher::new(job));
            };
            if let Err(error) = std::thread::Builder::new().spawn_scoped(scope, follow) {
                team.leave();
                return Err(format!("cannot start thread {threads} of {threads}: {error}"));
            }
        }
        let job = Job::Measure(order, Some(Arc::clone(&team)));
        batch_of(guarded(&team, workload, param, Bencher::new(job)))
    })
}

/// Makes the call in a thread of a team. Others wait for this one, so a panic ends the process.
fn guarded(team: &Team, workload: &Workload, param: u64, mut bencher: Bencher) -> Bencher {
    let call = || (workload.call)(&mut bencher, param);
    let ended: Result<(), Box<dyn Any + Send>> = catch_unwind(AssertUnwindSafe(call));
    if ended.is_err() {
        std::process::exit(PANICKED);
    }
    team.leave();
    bencher
}

fn batch_of(bencher: Bencher) -> Result<Batch, String> {
    match bencher.into_outcome()? {
        Outcome::Batch(batch) => Ok(batch),
        Outcome::Done => Err("another thread has its batch".to_owned()),
    }
}
