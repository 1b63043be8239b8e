//! Any row that is stored comes back equal.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use tacho_schema::{
    CacheMode, Conditions, Environment, MemoryLimiter, Name, OutputKind, ParamValue, Row, RowKind,
    Side, Status,
};
use tacho_store::{Access, SqliteStore};

use crate::sample::{append, header, stored};

const STATUSES: [Status; 8] = [
    Status::Ok,
    Status::Error,
    Status::Crashed,
    Status::OutOfMemory,
    Status::TimedOut,
    Status::KilledAtCap,
    Status::NoOutput,
    Status::WrongAnswer,
];

const OUTPUTS: [OutputKind; 4] =
    [OutputKind::Pipe, OutputKind::Null, OutputKind::Inherit, OutputKind::File];
const LIMITERS: [MemoryLimiter; 2] = [MemoryLimiter::Cgroup, MemoryLimiter::RlimitAs];

fn finite() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), Just(u64::MAX), 0..1000_u64, any::<u64>()]
}

fn param() -> impl Strategy<Value = ParamValue> {
    prop_oneof![
        any::<i64>().prop_map(ParamValue::Integer),
        finite().prop_map(ParamValue::Float),
        any::<String>().prop_map(ParamValue::Text),
    ]
}

fn name() -> impl Strategy<Value = Name> {
    let any_name = any::<String>().prop_filter_map("no name", |text| Name::new(&text).ok());
    prop_oneof![Just(Name::new("gzip/level").unwrap()), any_name]
}

prop_compose! {
    fn point()(
        function in name(),
        params in btree_map(any::<String>(), param(), 0..3),
        param in option::of(number()),
        texts in vec(option::of(any::<String>()), 2),
        threads in option::of(any::<u32>()),
        cache_mode in option::of(prop_oneof![Just(CacheMode::Warm), Just(CacheMode::Cold)]),
    ) -> Row {
        let mut row = Row::fixed(function, 0, 0, Status::Ok);
        (row.params, row.param, row.threads, row.cache_mode) = (params, param, threads, cache_mode);
        [row.variant, row.stage] = texts.try_into().unwrap();
        row
    }
}

prop_compose! {
    fn columns()(
        mut row in point(),
        status in proptest::sample::select(&STATUSES[..]),
        kind in prop_oneof![Just(RowKind::Fixed), Just(RowKind::Parametric)],
        side in option::of(prop_oneof![Just(Side::A), Just(Side::B)]),
        total_nanos in number(),
        ends in vec(option::of(any::<i32>()), 2),
        per_call_nanos in option::of(finite()),
        counters in vec(option::of(number()), 19),
        conditions in option::of(any_conditions()),
        output in option::of(proptest::sample::select(&OUTPUTS[..])),
        memory_limiter in option::of(proptest::sample::select(&LIMITERS[..])),
    ) -> Row {
        (row.status, row.kind, row.side) = (status, kind, side);
        (row.total_nanos, row.per_call_nanos) = (total_nanos, per_call_nanos);
        (row.conditions, row.output, row.memory_limiter) = (conditions, output, memory_limiter);
        [row.exit_code, row.signal] = ends.try_into().unwrap();
        [
            row.repeat_index, row.inner_repeats, row.alloc_bytes, row.alloc_count,
            row.peak_rss_kb, row.rss_floor_kb, row.user_nanos, row.system_nanos,
            row.instructions, row.major_faults, row.minor_faults, row.voluntary_switches,
            row.involuntary_switches, row.sequence, row.round, row.block, row.process,
            row.started_unix_ns, row.leaked,
        ] = counters.try_into().unwrap();
        row
    }
}

prop_compose! {
    fn conditions()(numbers in vec(option::of(number()), 10), load1 in option::of(finite()))
        -> Conditions
    {
        let mut found = Conditions { load1, ..Conditions::default() };
        [
            found.run_delay_nanos, found.steal_nanos, found.psi_cpu_us, found.psi_io_us,
            found.psi_memory_us, found.involuntary_switches, found.mem_available_kb,
            found.swap_used_kb, found.window_nanos, found.stops,
        ] = numbers.try_into().unwrap();
        found
    }
}

/// Now and then conditions of which none was recorded.
fn any_conditions() -> impl Strategy<Value = Conditions> {
    prop_oneof![4 => conditions(), 1 => Just(Conditions::default())]
}

prop_compose! {
    fn any_row()(
        mut row in columns(),
        texts in vec(option::weighted(0.2, any::<String>()), 5),
        parent_rss_kb in option::weighted(0.2, number()),
        host in option::weighted(0.2, option::of(any::<String>())),
        samples in option::weighted(0.2, vec(finite(), 0..4)),
        metrics in btree_map(any::<String>(), finite(), 0..2),
        unavailable in btree_map(any::<String>(), any::<String>(), 0..2),
        shared_machine in option::weighted(0.2, any::<bool>()),
    ) -> Row {
        [row.result_hash, row.error, row.alloc_scope, row.output_tail, row.latency_histogram] =
            texts.try_into().unwrap();
        row.env =
            host.map(|hostname| Box::new(Environment { hostname, ..Environment::default() }));
        (row.parent_rss_kb, row.samples, row.metrics) = (parent_rss_kb, samples, metrics);
        (row.unavailable, row.shared_machine) = (unavailable, shared_machine);
        row
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_row_comes_back(
        with_extra in vec(any_row(), 0..8),
        plain in vec(columns(), 0..8),
        order in any::<prop::sample::Index>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = SqliteStore::open(&folder.path().join("h.db"), Access::Write).unwrap();
        let mut rows = [with_extra, plain].concat();
        // Points that come again, with other points between.
        rows.extend_from_within(..);
        let count = rows.len();
        if count > 0 {
            rows.rotate_left(order.index(count));
        }
        append(&mut store, &header("c", 1), rows.clone(), count as u64).unwrap();
        prop_assert_eq!(stored(&store, "c"), rows);
    }
}
