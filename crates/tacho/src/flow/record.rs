//! From a plan to a committed capture: programs found, machine locked, rulers taken, rows kept.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tacho_judge::Collected;
use tacho_measure::child::Supervisor;
use tacho_measure::clock::unix_nanos;
use tacho_measure::commands::{self, Found};
use tacho_measure::conditions;
use tacho_measure::journal::{Consumer, Journal};
use tacho_measure::machine_lock::{self, MachineLock};
use tacho_measure::pool::Pool;
use tacho_measure::program::{ProgramError, Surroundings};
use tacho_measure::run::{Emission, Finish, Setting, run};
use tacho_measure::signals::Signals;
use tacho_measure::{machine, quiet, ruler, spawn};
use tacho_report::phrase;
use tacho_schema::{
    CaptureHeader, CaptureId, CaptureState, CaptureSummary, CutShort, Direction, MetricDef, Nanos,
    PlanDoc, PlannedPoint, Row, ShellStartup, Side, Status,
};
use tacho_store::Store;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::commit::{commit, journal_failure};
use crate::flow::events::Events;
use crate::flow::export::Export;
use crate::flow::quiesce::Quiesced;
use crate::project::Project;
use crate::terminal::{self, Meter};

/// How often a waiting `tacho` looks whether the machine is free.
const WAIT: Duration = Duration::from_millis(200);

/// Rows that are kept in memory for the commit: some 10 MiB; and what failed ones printed.
const KEPT_ROWS_MAX: usize = 10_000;
const KEPT_TAIL_BYTES_MAX: usize = 16 << 20;

/// What to do where a Cargo project's benchmarks were meant.
const CARGO_FILTERS: &str = "words are commands here: `tacho run --harness cargo FILTER` measures \
                             this Cargo project's benchmarks";

/// Points that are named where nothing was measured; the others are counted.
const NAMED_MAX: usize = 5;

/// What is to be recorded.
pub(crate) struct Order<'a> {
    pub project: &'a Project,
    pub plan: &'a PlanDoc,
    pub invocation: Vec<String>,
    /// The manifest's `[project] name`.
    pub project_name: Option<String>,
    /// Go on beside another `tacho`.
    pub no_wait: bool,
    /// Gather what an export needs.
    pub export: bool,
    /// A progress line, where there is a terminal for it.
    pub progress: bool,
    /// The stream of events, where one is wanted.
    pub events: Option<Arc<Events>>,
}

impl Order<'_> {
    /// Tells the user, and the stream.
    fn note(&self, text: &str) {
        terminal::note(text);
        if let Some(events) = &self.events {
            events.note(text);
        }
    }
}

/// A capture that was recorded.
pub(crate) struct Recorded {
    pub capture: (CaptureHeader, CaptureSummary),
    pub rows: Collected,
    pub export: Export,
    /// How the run went, before anything is judged.
    pub exit: Exit,
}

/// Measures `order.plan`, commits the capture to the project's store, and says how it went.
///
/// # Errors
/// Missing programs (exit 4, before anything is measured); a run that was stopped, or whose time
/// was up (exit 3), before its first row; a machine, disk or store that does not do its part (exit
/// 5). What was measured until then is in the store, or in the journal that the message names.
pub(crate) fn record(order: &Order<'_>) -> Result<Recorded, Failure> {
    let signals =
        Signals::listen().map_err(|error| Failure::cannot("listen for signals", &error))?;
    let (mut pool, one_lane) =
        Pool::start(order.plan.jobs, &signals).map_err(|error| spawn_failure(&error))?;
    if let Some(why) = one_lane {
        order.note(&why);
    }
    let surroundings = Surroundings::inherited();
    let base = &order.project.base;
    let found = commands::find(order.plan, base, &surroundings, pool.first())
        .map_err(|error| spawn_failure(&error))?;
    let programs = found.map_err(|missing| {
        let failure = missing_failure(&missing);
        // There the words may have been meant as filters.
        let is_cargo = order.project.manifest.is_none() && base.join("Cargo.toml").is_file();
        if is_cargo { failure.hint(CARGO_FILTERS) } else { failure }
    })?;
    go_on(&signals)?;
    let mut store = order.project.open_to_write()?;
    let lock = wait_for_machine(order, &signals)?;
    let mut quiesced = Quiesced::begin(order.plan, base, &surroundings, &mut pool, &signals)?;
    let measured = wait_for_quiet(order, &signals).and_then(|()| {
        let header = header(order, pool.first(), &surroundings, lock.is_none())?;
        go_on(&signals)?;
        let taken = Arc::new(Mutex::new(Taken::nothing()));
        let journal = Journal::create(
            &order.project.journals(),
            &header,
            order.plan,
            consumer(&taken, order),
        )
        .map_err(|error| journal_failure("start the journal", &error))?;
        order.events.iter().for_each(|events| events.started(&header, order.plan));
        let finish = measure(order, &header, programs, &surroundings, &mut pool, &signals, journal);
        Ok((header, finish, taken))
    });
    // What was paused goes on whatever happened; where it does not, the result is still shown.
    let resumed = quiesced.end(&mut pool, &signals).map_or_else(Failure::report, |()| Exit::Fine);
    let (header, (finish, journal), taken) = measured?;
    drop(pool);
    drop(lock);
    keep(order, header, finish, journal, &taken, store.as_mut(), resumed)
}

/// What the rows of a run come to, row by row.
struct Taken {
    rows: Collected,
    export: Export,
    /// All rows so far, for the commit, unless there are very many or large ones.
    kept: Option<Vec<Row>>,
    kept_tail_bytes: usize,
}

impl Taken {
    fn nothing() -> Self {
        let (rows, export) = (Collected::default(), Export::default());
        Self { rows, export, kept: Some(Vec::new()), kept_tail_bytes: 0 }
    }

    fn keep(&mut self, row: Row) {
        self.kept_tail_bytes += row.output_tail.as_ref().map_or(0, String::len);
        let is_too_much = self.kept_tail_bytes > KEPT_TAIL_BYTES_MAX;
        self.kept = self.kept.take().filter(|kept| kept.len() < KEPT_ROWS_MAX && !is_too_much);
        if let Some(kept) = &mut self.kept {
            kept.push(row);
        }
    }
}

/// Takes rows, on the journal's thread, when all of each is known.
fn consumer(taken: &Arc<Mutex<Taken>>, order: &Order<'_>) -> Consumer {
    let (taken, events, export) = (Arc::clone(taken), order.events.clone(), order.export);
    Box::new(move |row| {
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.rows.add(&row);
        if export {
            taken.export.add(&row);
        }
        if let Some(events) = &events {
            events.row(&row);
        }
        taken.keep(*row);
    })
}

fn measure(
    order: &Order<'_>,
    header: &CaptureHeader,
    programs: Found,
    surroundings: &Surroundings,
    pool: &mut Pool,
    signals: &Signals,
    mut journal: Journal,
) -> (Finish, Journal) {
    let ad_hoc = order.project.manifest.is_none();
    let meter = Meter::new(order.progress);
    let setting = Setting {
        plan: order.plan,
        base: &order.project.base,
        surroundings,
        shared_machine: header.shared_machine,
    };
    let waits = Cell::new(0);
    let points = &order.plan.points;
    let is_pair = ad_hoc && points.len() == 2 && points.iter().all(|point| point.wire.is_none());
    let finish = run(
        setting,
        programs,
        pool,
        signals,
        &mut |emission| match emission {
            Emission::Row(point, mut row) => {
                row.side = is_pair.then_some(if point == 0 { Side::A } else { Side::B });
                journal.push(row)
            }
            Emission::Window(shares) => journal.window(shares),
            Emission::Pause => {
                let goes_on = journal.flush();
                waits.set(journal.waits());
                goes_on
            }
        },
        &mut |progress| {
            if let Some(events) = &order.events {
                events.progress(&progress, waits.get(), order.plan);
            }
            meter.show(progress, order.plan, ad_hoc);
        },
    );
    (finish, journal)
}

/// Ends the journal, commits it, and tells how it went.
fn keep(
    order: &Order<'_>,
    header: CaptureHeader,
    finish: Finish,
    journal: Journal,
    taken: &Mutex<Taken>,
    store: &mut dyn Store,
    resumed: Exit,
) -> Result<Recorded, Failure> {
    for trouble in &finish.troubles {
        order.note(trouble);
    }
    let summary = summary(&finish, journal.waits());
    let journal = journal
        .finish(Some(&summary))
        .map_err(|error| journal_failure("write the journal", &error))?;
    let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
    let Taken { rows, export, kept, .. } = std::mem::replace(&mut *taken, Taken::nothing());
    let exit = exit_of(&summary, finish.capped_without_rung).or_worse(resumed);
    if summary.rows == 0 {
        journal.remove().map_err(|error| Failure::cannot("remove the journal", &error))?;
        return Err(match finish.failure {
            Some(error) => spawn_failure(&error),
            None => nothing_measured(order, &summary),
        });
    }
    commit(store, journal, &summary, kept)?;
    order.events.iter().for_each(|events| events.ended(&summary, exit));
    if let Some(error) = finish.failure {
        let (id, again) = (&header.id, order.project.again());
        let hint = format!("`tacho show{again} {id}` has what was measured");
        return Err(spawn_failure(&error).hint(hint));
    }
    Ok(Recorded { capture: (header, summary), rows, export, exit })
}

/// What is said when a run ended before its first row.
fn nothing_measured(order: &Order<'_>, summary: &CaptureSummary) -> Failure {
    if summary.cut_short != Some(CutShort::Budget) {
        return Failure::stopped(exit_of(summary, 0));
    }
    let points = &order.plan.points;
    let ad_hoc = order.project.manifest.is_none();
    let named = points.iter().take(NAMED_MAX).map(|planned| planned.label(ad_hoc));
    let named: Vec<String> = named.collect();
    let skipped = phrase::several_points(&named, points.len() as u64, false);
    Failure::cannot_judge(format!(
        "the time budget was used up before the first run ended; skipped {skipped}"
    ))
    .hint("raise --total-seconds (in a manifest: `total_seconds`); nothing was measured")
}

fn summary(finish: &Finish, waits: u64) -> CaptureSummary {
    CaptureSummary {
        state: match finish.cut_short {
            None => CaptureState::Complete,
            Some(_) => CaptureState::CutShort,
        },
        cut_short: finish.cut_short,
        ended_unix_ms: unix_nanos() / 1_000_000,
        rows: finish.rows,
        by_status: finish.by_status.clone(),
        points: finish.points,
        skipped: finish.skipped.clone(),
        leaked: finish.leaked,
        backpressure_waits: waits,
    }
}

/// A ladder's cap is its designed end, unless it was reached before there was a good row.
fn exit_of(summary: &CaptureSummary, capped_without_rung: u64) -> Exit {
    let is_fine = |status: &Status| matches!(status, Status::Ok | Status::KilledAtCap);
    let failed = capped_without_rung > 0 || !summary.by_status.keys().all(is_fine);
    match summary.cut_short {
        Some(CutShort::Failed) => Exit::Environment,
        Some(CutShort::Interrupted) => Exit::Interrupted,
        Some(CutShort::Terminated) => Exit::Terminated,
        _ if failed => Exit::Program,
        _ => Exit::Fine,
    }
}

/// The machine's lock, or `None` when the user will not wait for it.
fn wait_for_machine(order: &Order<'_>, signals: &Signals) -> Result<Option<MachineLock>, Failure> {
    let mut told = false;
    loop {
        match machine_lock::try_lock() {
            Ok(None) => {}
            Ok(lock) => return Ok(lock),
            Err(error) => {
                // No reason not to measure: it is only not known whether anybody else does.
                order.note(&format!("cannot lock the machine for measuring: {error}"));
                order.note("another tacho may measure meanwhile; rows are flagged with it");
                return Ok(None);
            }
        }
        if order.no_wait {
            order.note("another tacho is measuring on this machine; rows are flagged with it");
            return Ok(None);
        }
        if !told {
            order.note(
                "another tacho is measuring on this machine: waiting for it (--no-wait goes on)",
            );
            told = true;
        }
        go_on(signals)?;
        std::thread::sleep(WAIT);
    }
}

/// Waits for a quiet machine, where the plan wants one, and says how long it took.
fn wait_for_quiet(order: &Order<'_>, signals: &Signals) -> Result<(), Failure> {
    let Some(nanos_max) = order.plan.quiet_wait_nanos else { return Ok(()) };
    let mut stopped = Ok(());
    let mut told = false;
    let waited = quiet::wait(
        nanos_max,
        &mut || {
            stopped = go_on(signals);
            stopped.is_err()
        },
        &mut |busy| {
            if !told && !busy.is_quiet() {
                let at_most = Nanos(nanos_max as f64);
                order.note(&format!("waiting at most {at_most} for a quiet machine: {}", of(busy)));
                told = true;
            }
        },
    );
    stopped?;
    let took = Nanos(waited.nanos as f64);
    order.note(&match (waited.quiet, waited.last) {
        (true, _) => format!("the machine is quiet: waited {took}"),
        (false, Some(busy)) => {
            format!(
                "the machine did not become quiet in {took}: {}; measuring all the same",
                of(busy)
            )
        }
        (false, None) => {
            "cannot tell whether the machine is quiet: /proc/stat cannot be read".to_owned()
        }
    });
    Ok(())
}

/// How much of the machine is in use, in words.
fn of(busy: quiet::Busy) -> String {
    let steal = if busy.steal_share > 0.0 {
        format!(", {:.1} % of a processor's time stolen", busy.steal_share * 100.0)
    } else {
        String::new()
    };
    format!("{:.1} processors busy{steal}", busy.processors)
}

/// # Errors
/// A signal came that ends us, and nothing was measured yet.
pub(crate) fn go_on(signals: &Signals) -> Result<(), Failure> {
    match signals.take() {
        None => Ok(()),
        Some(signal) if signal == signals.interrupt() => Err(Failure::stopped(Exit::Interrupted)),
        Some(_) => Err(Failure::stopped(Exit::Terminated)),
    }
}

fn header(
    order: &Order<'_>,
    supervisor: &mut Supervisor,
    surroundings: &Surroundings,
    shared_machine: bool,
) -> Result<CaptureHeader, Failure> {
    let base = &order.project.base;
    let nanos = unix_nanos();
    let started_unix_ms = nanos / 1_000_000;
    let mut env =
        machine::environment(base, order.project.manifest.is_some(), env!("CARGO_PKG_VERSION"));
    env.timestamp_unix_ms = Some(started_unix_ms);
    env.timestamp_iso = timestamp(started_unix_ms).map(|time| time.to_string());
    let floor = ruler::spawn_floor_nanos(supervisor).map_err(|error| spawn_failure(&error))?;
    Ok(CaptureHeader {
        schema_version: tacho_schema::version::Version,
        id: capture_id(nanos),
        started_unix_ms,
        invocation: order.invocation.clone(),
        manifest: order.project.manifest_name(),
        project: order.project_name.clone(),
        seed: order.plan.seed,
        env,
        unavailable: unavailable(supervisor)?,
        metric_defs: metric_defs(order.plan),
        spawn_floor_nanos: floor,
        shell: shell(order, supervisor, surroundings)?,
        spawner: supervisor.spawner().name().to_owned(),
        shared_machine,
    })
}

/// The start-up of the shell that most commands run in.
fn shell(
    order: &Order<'_>,
    supervisor: &mut Supervisor,
    surroundings: &Surroundings,
) -> Result<Option<ShellStartup>, Failure> {
    let mut used: BTreeMap<&Vec<String>, usize> = BTreeMap::new();
    for shell in order.plan.points.iter().filter_map(|planned| planned.shell.as_ref()) {
        *used.entry(shell).or_insert(0) += 1;
    }
    let Some((shell, _)) = used.into_iter().max_by_key(|(_, count)| *count) else {
        return Ok(None);
    };
    ruler::shell_startup(supervisor, shell, surroundings, &order.project.base)
        .map_err(|error| spawn_failure(&error))
}

/// What no row of this capture has, with the reason.
fn unavailable(supervisor: &mut Supervisor) -> Result<BTreeMap<String, String>, Failure> {
    let conditions = conditions::unavailable(supervisor).map_err(|error| spawn_failure(&error))?;
    let conditions =
        conditions.into_iter().map(|(key, reason)| (format!("conditions.{key}"), reason));
    let needs = "only a program that counts for itself could say";
    let not_recorded = "this version does not record it";
    let others = [("alloc_bytes", needs), ("alloc_count", needs), ("instructions", not_recorded)];
    let others = others.map(|(key, reason)| (key.to_owned(), reason.to_owned()));
    Ok(conditions.chain(others).collect())
}

/// Units and directions of the counters that the plan names.
fn metric_defs(plan: &PlanDoc) -> BTreeMap<String, MetricDef> {
    let of_point = |planned: &PlannedPoint| {
        let reading = &planned.reading;
        let outcomes = reading.outcomes.iter().map(|it| (it.name.clone(), it.def.clone()));
        let derived = reading.derived.iter().map(|it| (it.name.clone(), it.def.clone()));
        outcomes.chain(derived).chain(throughput(planned)).collect::<Vec<_>>()
    };
    let mut defs: BTreeMap<String, MetricDef> = BTreeMap::new();
    for (name, def) in plan.points.iter().flat_map(of_point) {
        match defs.get_mut(&name) {
            // Bytes and elements: what both are is a number in a second.
            Some(known) if known.unit != def.unit && name == THROUGHPUT => {
                known.unit = Some("/s".to_owned());
            }
            _ => _ = defs.insert(name, def),
        }
    }
    defs
}

/// The counter of what a harness works through.
const THROUGHPUT: &str = "throughput";

/// What a harness's rows have as throughput.
fn throughput(planned: &PlannedPoint) -> Option<(String, MetricDef)> {
    let unit = planned.wire.as_ref()?.throughput.clone()?;
    let def = MetricDef { direction: Some(Direction::Higher), unit: Some(unit) };
    Some((THROUGHPUT.to_owned(), def))
}

fn timestamp(unix_ms: u64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(i64::try_from(unix_ms).ok()?).ok()
}

/// `20261121-094512-3fa9c1`: the time in UTC, and bits of its nanoseconds and our process id, so
/// that two captures of one second differ.
fn capture_id(unix_nanos: u64) -> CaptureId {
    let time = timestamp(unix_nanos / 1_000_000).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let mixed = (unix_nanos ^ u64::from(std::process::id()) << 32)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        >> 40;
    let text = format!("{}-{mixed:06x}", time.strftime("%Y%m%d-%H%M%S"));
    CaptureId::new(&text).expect("digits and dashes are allowed in an identity")
}

fn spawn_failure(error: &spawn::SpawnError) -> Failure {
    Failure::cannot("start programs", error)
}

fn missing_failure(missing: &[commands::Missing]) -> Failure {
    let message = |one: &commands::Missing| {
        let place =
            if one.command == one.point { String::new() } else { format!(" ({})", one.point) };
        format!("cannot run `{}`{place}: {}", one.command, one.reason)
    };
    let mut failure = Failure::program(message(&missing[0]));
    for one in &missing[1..] {
        failure = failure.and(message(one));
    }
    // Processors are no program's fault, and the message has those that can be had.
    let is_about_cpus =
        |one: &commands::Missing| matches!(one.reason, ProgramError::NoProcessor { .. });
    failure.hint(match missing.iter().all(is_about_cpus) {
        true => "choose among these with `cpus`; nothing was measured",
        false => "check the name, the PATH and the rights; nothing was measured",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cap_is_no_failure_where_an_earlier_rung_is_ok() {
        for (statuses, capped_without_rung, expected) in [
            (&[][..], 0, Exit::Fine),
            (&[Status::Ok], 0, Exit::Fine),
            (&[Status::Ok, Status::KilledAtCap], 0, Exit::Fine),
            (&[Status::Ok, Status::KilledAtCap], 1, Exit::Program),
            (&[Status::KilledAtCap], 1, Exit::Program),
            (&[Status::Ok, Status::TimedOut], 0, Exit::Program),
            (&[Status::WrongAnswer, Status::KilledAtCap], 0, Exit::Program),
        ] {
            let summary = CaptureSummary {
                state: CaptureState::Complete,
                cut_short: None,
                ended_unix_ms: 0,
                rows: statuses.len() as u64,
                by_status: statuses.iter().map(|status| (*status, 1)).collect(),
                points: 1,
                skipped: Vec::new(),
                leaked: 0,
                backpressure_waits: 0,
            };
            assert_eq!(exit_of(&summary, capped_without_rung), expected, "{statuses:?}");
        }
    }
}
