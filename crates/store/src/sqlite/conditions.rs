//! Conditions as columns and back.

use tacho_schema::{Conditions, Row};

/// The columns of the unsigned numbers; one is called otherwise than its key, because the row has
/// a key of that name itself.
pub(super) const NUMBERS: [&str; 10] = [
    "run_delay_nanos",
    "steal_nanos",
    "psi_cpu_us",
    "psi_io_us",
    "psi_memory_us",
    "condition_involuntary_switches",
    "mem_available_kb",
    "swap_used_kb",
    "window_nanos",
    "stops",
];

/// The column of the load, behind those of the numbers.
pub(super) const LOAD: &str = "load1";

/// What the columns hold: the numbers in the order of [`NUMBERS`], and the load.
pub(super) type Columns = ([Option<u64>; NUMBERS.len()], Option<f64>);

/// Moves the conditions out of `row`.
///
/// Conditions of which none was recorded stay in it: columns cannot tell them from no conditions.
pub(super) fn take(row: &mut Row) -> Columns {
    let Some(found) = row.conditions.take_if(|found| *found != Conditions::default()) else {
        return Columns::default();
    };
    let Conditions {
        run_delay_nanos,
        steal_nanos,
        psi_cpu_us,
        psi_io_us,
        psi_memory_us,
        involuntary_switches,
        load1,
        mem_available_kb,
        swap_used_kb,
        window_nanos,
        stops,
    } = found;
    let numbers = [
        run_delay_nanos,
        steal_nanos,
        psi_cpu_us,
        psi_io_us,
        psi_memory_us,
        involuntary_switches,
        mem_available_kb,
        swap_used_kb,
        window_nanos,
        stops,
    ];
    (numbers, load1)
}

/// Puts the conditions back, where the columns have some; else `row` keeps its own, which version 1
/// had in its text.
pub(super) fn put(row: &mut Row, (numbers, load1): Columns) {
    if load1.is_none() && numbers.iter().all(Option::is_none) {
        return;
    }
    let [
        run_delay_nanos,
        steal_nanos,
        psi_cpu_us,
        psi_io_us,
        psi_memory_us,
        involuntary_switches,
        mem_available_kb,
        swap_used_kb,
        window_nanos,
        stops,
    ] = numbers;
    row.conditions = Some(Conditions {
        run_delay_nanos,
        steal_nanos,
        psi_cpu_us,
        psi_io_us,
        psi_memory_us,
        involuntary_switches,
        load1,
        mem_available_kb,
        swap_used_kb,
        window_nanos,
        stops,
    });
}
