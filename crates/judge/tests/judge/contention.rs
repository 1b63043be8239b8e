//! Which rows are contended, and what is said of them.

use std::collections::BTreeMap;

use tacho_schema::{Conditions, Disturbance, Notice, Row, Status};

use crate::build::{collect, header, plan, planned, point, row};

const MS: u64 = 1_000_000;

/// A run of 100 ms under these conditions.
fn under(conditions: Conditions) -> Row {
    Row { conditions: Some(conditions), ..row("p", 0, 100 * MS) }
}

fn delayed(nanos: u64) -> Row {
    under(Conditions { run_delay_nanos: Some(nanos), ..Conditions::default() })
}

fn switched(switches: u64) -> Row {
    under(Conditions { involuntary_switches: Some(switches), ..Conditions::default() })
}

fn stolen(nanos: u64, window_nanos: Option<u64>) -> Row {
    under(Conditions { steal_nanos: Some(nanos), window_nanos, ..Conditions::default() })
}

fn stopped(stops: u64) -> Row {
    under(Conditions { stops: Some(stops), ..Conditions::default() })
}

/// Five rows like `quiet` before `rows`.
fn after(quiet: &Row, rows: &[Row]) -> Vec<Row> {
    [vec![quiet.clone(); 5], rows.to_vec()].concat()
}

/// The only door: of these rows of one point, so many are contended, by these causes.
#[track_caller]
fn check(what: &str, mut rows: Vec<Row>, expected: u64, by: &[(Disturbance, u64)]) {
    let plan = plan(vec![planned(point("p"))]);
    for _ in 0..2 {
        let found = collect(&rows).summaries(Some(&plan), &header(true, None)).remove(0);
        let is_it = |notice: &&Notice| matches!(notice, Notice::Contended { .. });
        let notice = found.notices.iter().find(is_it).cloned();
        let samples = rows.iter().filter(|row| row.status == Status::Ok).count() as u64;
        let by: BTreeMap<Disturbance, u64> = by.iter().copied().collect();
        let noted = Notice::Contended { rows: expected, samples, by };
        assert_eq!(notice, (expected > 0).then_some(noted), "{what}");
        assert_eq!(found.contended, expected, "{what}");
        rows.reverse();
    }
}

#[test]
fn rows_without_conditions_are_not_contended() {
    let many_switches = Row { involuntary_switches: Some(1000), ..row("p", 0, MS) };
    check("none", after(&row("p", 0, MS), &[many_switches]), 0, &[]);
    let nothing = under(Conditions::default());
    check("none recorded", vec![nothing; 6], 0, &[]);
}

#[test]
fn waiting_for_a_processor() {
    use Disturbance::RunDelay;
    let usual = delayed(MS);
    // 2 % of 100 ms, and 3 × the median.
    check("at the threshold", after(&usual, &[delayed(5 * MS)]), 0, &[]);
    check("beyond it", after(&usual, &[delayed(5 * MS + 1000)]), 1, &[(RunDelay, 1)]);
    check("as usual", after(&delayed(40 * MS), &[delayed(90 * MS)]), 0, &[]);
    check("quiet otherwise", after(&delayed(0), &[delayed(2 * MS + 1000)]), 1, &[(RunDelay, 1)]);
    let unknown = after(&under(Conditions::default()), &[delayed(3 * MS)]);
    check("its own median, where no other row has one", unknown, 0, &[]);
    let short = Row { total_nanos: 10 * MS, ..delayed(3_300_000) };
    check("a share of its own time", after(&usual, &[short]), 1, &[(RunDelay, 1)]);
    let failed = Row { status: Status::Error, ..delayed(50 * MS) };
    check("failed", after(&usual, &[failed]), 0, &[]);
    let hour = |delay_s: u64| Row { total_nanos: 3_600_000 * MS, ..delayed(delay_s * 1000 * MS) };
    check("long programs", after(&hour(1), &[hour(70), hour(80)]), 1, &[(RunDelay, 1)]);
}

#[test]
fn a_stage_waits_within_its_process() {
    use Disturbance::RunDelay;
    let stage = |window_nanos| {
        let mut row = delayed(5 * MS);
        row.total_nanos = MS;
        row.conditions.as_mut().unwrap().window_nanos = window_nanos;
        Row { stage: Some("fib".into()), ..row }
    };
    let quiet = |row: &Row| {
        let mut quiet = row.clone();
        quiet.conditions.as_mut().unwrap().run_delay_nanos = Some(0);
        quiet
    };
    for (what, window, expected) in
        [("in a long process", Some(300 * MS), 0), ("in a short one", Some(200 * MS), 1)]
    {
        let rows = after(&quiet(&stage(window)), &[stage(window)]);
        let by: &[_] = if expected > 0 { &[(RunDelay, 1)] } else { &[] };
        check(what, rows, expected, by);
    }
    let alone = after(&quiet(&stage(None)), &[stage(None)]);
    check("of which nothing is known", alone, 1, &[(RunDelay, 1)]);
}

#[test]
fn a_hypervisor_takes_time() {
    use Disturbance::Steal;
    let quiet = stolen(0, Some(200 * MS));
    check("at 1 % of the window", after(&quiet, &[stolen(2 * MS, Some(200 * MS))]), 0, &[]);
    let over = stolen(2 * MS + 1, Some(200 * MS));
    check("over", after(&quiet, std::slice::from_ref(&over)), 1, &[(Steal, 1)]);
    check("all of them", vec![over; 6], 6, &[(Steal, 6)]);
    check("no window: the run", after(&quiet, &[stolen(MS + 1, None)]), 1, &[(Steal, 1)]);
}

#[test]
fn being_put_aside() {
    use Disturbance::Preemption;
    let in_a_second = |switches| Row { total_nanos: 1000 * MS, ..switched(switches) };
    check("ten a second", after(&in_a_second(0), &[in_a_second(10)]), 0, &[]);
    check("more", after(&in_a_second(0), &[in_a_second(11)]), 1, &[(Preemption, 1)]);
    check("a few where others have none", after(&switched(0), &[switched(5)]), 0, &[]);
    check("more", after(&switched(0), &[switched(6)]), 1, &[(Preemption, 1)]);
    check("five medians", after(&switched(4), &[switched(20)]), 0, &[]);
    check("more", after(&switched(4), &[switched(21)]), 1, &[(Preemption, 1)]);
    let of_usage = |switches| Row {
        involuntary_switches: Some(switches),
        ..under(Conditions { load1: Some(1.0), ..Conditions::default() })
    };
    check("as wait4 counts it", after(&of_usage(0), &[of_usage(9)]), 1, &[(Preemption, 1)]);
}

#[test]
fn a_row_has_several_causes_and_counts_once() {
    use Disturbance::{Preemption, RunDelay, Steal, Stopped};
    let quiet = under(Conditions {
        run_delay_nanos: Some(0),
        steal_nanos: Some(0),
        involuntary_switches: Some(0),
        stops: Some(0),
        ..Conditions::default()
    });
    let all = under(Conditions {
        run_delay_nanos: Some(60 * MS),
        steal_nanos: Some(20 * MS),
        involuntary_switches: Some(40),
        stops: Some(2),
        ..Conditions::default()
    });
    let by = [(RunDelay, 1), (Steal, 1), (Preemption, 1), (Stopped, 1)];
    check("all", after(&quiet, &[all]), 1, &by);
    check(
        "stopped",
        after(&quiet, &[stopped(1), delayed(60 * MS)]),
        2,
        &[(Stopped, 1), (RunDelay, 1)],
    );
    check("stopped alone", vec![stopped(1)], 1, &[(Stopped, 1)]);
}

/// A capture mixes programs: one that waits for itself hides nothing of the others.
#[test]
fn medians_are_of_the_point() {
    let of = |name: &str, row: Row| Row { function: point(name).function, ..row };
    let mut rows = vec![of("threads", delayed(50 * MS)); 20];
    rows.extend(after(&delayed(0), &[delayed(10 * MS)]).into_iter().map(|row| of("plain", row)));
    let found = collect(&rows).summaries(None, &header(true, None));
    let contended: Vec<_> = found.iter().map(|it| (it.point.as_str(), it.contended)).collect();
    assert_eq!(contended, [("threads", 0), ("plain", 1)]);
}

/// A batch that times itself has only the measured calls as its time; what is held against its
/// readings is the window.
#[test]
fn batches_are_held_against_their_window() {
    let under = |delay, switches| Conditions {
        run_delay_nanos: Some(delay),
        involuntary_switches: Some(switches),
        window_nanos: Some(800 * MS),
        ..Conditions::default()
    };
    let (quiet, disturbed) = (under(0, 0), under(MS, 6));
    let command =
        |conditions: &Conditions| Row { conditions: Some(conditions.clone()), ..row("p", 0, MS) };
    let batch = |conditions: &Conditions| Row { param: Some(8), ..command(conditions) };
    check_at(8, &after(&batch(&quiet), &[batch(&disturbed)]), 0);
    let long = under(100 * MS, 6);
    check_at(8, &after(&batch(&quiet), &[batch(&long)]), 1);
    // The same as a command: it waited for as long as it took.
    let by = [(Disturbance::RunDelay, 1), (Disturbance::Preemption, 1)];
    check("command", after(&command(&quiet), &[command(&disturbed)]), 1, &by);
}

/// Of these rows of one rung, so many are contended.
#[track_caller]
fn check_at(param: u64, rows: &[Row], expected: u64) {
    let rung = tacho_schema::Point { param: Some(param), ..point("p") };
    let found = collect(rows).summaries(Some(&plan(vec![planned(rung)])), &header(true, None));
    assert_eq!(found[0].contended, expected);
}
