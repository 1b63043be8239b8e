//! Rows as columns and back: what most rows have in typed columns, the rest in one JSON text.

use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, Connection};
use tacho_schema::{MemoryLimiter, OutputKind, Point, Row, RowKind, Side, Status};

use crate::error::Fault;
use crate::sqlite::codes::Coded;
use crate::sqlite::conditions;
use crate::sqlite::points::PointNumbers;
use crate::sqlite::{connect, decode_text, encoded};

/// The optional unsigned numbers of a row that have a column of the same name, listed once.
macro_rules! counter_columns {
    ($($name:ident)*) => {
        const COUNTERS: &[&str] = &[$(stringify!($name)),*];

        /// Moves the counters out of `row`, in the order of [`COUNTERS`].
        fn take_counters(row: &mut Row) -> [Option<u64>; COUNTERS.len()] {
            [$(row.$name.take()),*]
        }

        /// Puts the counters back.
        fn put_counters(row: &mut Row, counters: [Option<u64>; COUNTERS.len()]) {
            [$(row.$name),*] = counters;
        }
    };
}

counter_columns! {
    repeat_index inner_repeats alloc_bytes alloc_count peak_rss_kb rss_floor_kb user_nanos
    system_nanos instructions major_faults minor_faults voluntary_switches involuntary_switches
    sequence round block process started_unix_ns leaked
}

/// The columns before and after the counters.
const FRONT: [&str; 7] = ["point", "kind", "status", "side", "exit_code", "signal", "total_nanos"];
const BACK: [&str; 2] = ["per_call_nanos", "extra"];
/// What version 2 added; the conditions stand behind.
const ADDED: [&str; 2] = ["output", "memory_limiter"];

/// Columns are counted from 0 when they are read; parameters, from 1.
const PER_CALL: usize = FRONT.len() + COUNTERS.len();
const EXTRA: usize = PER_CALL + 1;
const OUTPUT: usize = EXTRA + 1;
const MEMORY_LIMITER: usize = OUTPUT + 1;
const CONDITIONS: usize = MEMORY_LIMITER + 1;
const LOAD: usize = CONDITIONS + conditions::NUMBERS.len();

/// The columns in the order of their places, as a store of `version` can be asked for them: what
/// it lacks is null.
fn names(version: i64) -> String {
    let first = FRONT.iter().chain(COUNTERS).chain(&BACK);
    let added = ADDED.iter().chain(&conditions::NUMBERS).chain([&conditions::LOAD]);
    let added = added.map(|name| if version < 2 { "NULL" } else { *name });
    first.copied().chain(added).collect::<Vec<&str>>().join(", ")
}

/// Writes the rows of one capture, and each of its points before the first row of it.
pub(super) struct RowWriter<'a> {
    rows: CachedStatement<'a>,
    points: CachedStatement<'a>,
    numbers: PointNumbers,
    capture: i64,
}

impl<'a> RowWriter<'a> {
    /// Prepares for the capture of that number.
    ///
    /// # Errors
    /// [`Fault`] when the statements cannot be prepared: the tables are not ours.
    pub(super) fn new(connection: &'a Connection, capture: i64) -> Result<Self, Fault> {
        let marks = vec!["?"; LOAD + 1].join(", ");
        let names = names(connect::VERSION);
        let insert = format!("INSERT INTO capture_row ({names}) VALUES ({marks})");
        Ok(Self {
            rows: connection.prepare_cached(&insert)?,
            points: connection.prepare_cached(
                "INSERT INTO capture_point (capture, number, identity, document) \
                 VALUES (?1, ?2, ?3, ?4)",
            )?,
            numbers: PointNumbers::default(),
            capture,
        })
    }

    /// Writes one row behind the others.
    ///
    /// # Errors
    /// [`Fault`] when the database does not take it.
    pub(super) fn write(&mut self, mut row: Row) -> Result<(), Fault> {
        let (number, new) = self.numbers.number(&row);
        if let Some(point) = new {
            let document = encoded(serde_json::to_string(point))?;
            self.points.execute((self.capture, number, point.to_string(), document))?;
        }
        let front = [
            Some(i64::from(number)),
            Some(row.kind.code()),
            Some(row.status.code()),
            row.side.take().map(Side::code),
            row.exit_code.take().map(i64::from),
            row.signal.take().map(i64::from),
            Some(row.total_nanos.cast_signed()),
        ];
        let counters = take_counters(&mut row).map(|counter| counter.map(u64::cast_signed));
        for (index, value) in front.into_iter().chain(counters).enumerate() {
            self.rows.raw_bind_parameter(index + 1, value)?;
        }
        self.rows.raw_bind_parameter(PER_CALL + 1, row.per_call_nanos.take())?;
        self.bind_added(&mut row)?;
        self.rows.raw_bind_parameter(EXTRA + 1, extra(row)?)?;
        self.rows.raw_execute()?;
        Ok(())
    }

    /// Moves what version 2 has columns for out of `row`.
    fn bind_added(&mut self, row: &mut Row) -> Result<(), Fault> {
        let output = row.output.take().map(OutputKind::code);
        let limiter = row.memory_limiter.take().map(MemoryLimiter::code);
        let (numbers, load1) = conditions::take(row);
        let numbers = numbers.map(|number| number.map(u64::cast_signed));
        for (index, value) in [output, limiter].into_iter().chain(numbers).enumerate() {
            self.rows.raw_bind_parameter(OUTPUT + 1 + index, value)?;
        }
        self.rows.raw_bind_parameter(LOAD + 1, load1)?;
        Ok(())
    }
}

/// Reads the rows of one capture.
pub(super) struct RowReader<'a> {
    statement: CachedStatement<'a>,
    points: Vec<Point>,
}

impl<'a> RowReader<'a> {
    /// Prepares for a capture with these points, in the order of their numbers, in a store of that
    /// version.
    ///
    /// # Errors
    /// [`Fault`] when the statement cannot be prepared.
    pub(super) fn new(
        connection: &'a Connection,
        version: i64,
        points: Vec<Point>,
    ) -> Result<Self, Fault> {
        let select = format!(
            "SELECT {} FROM capture_row WHERE id >= ?1 AND id < ?1 + ?2 ORDER BY id",
            names(version)
        );
        Ok(Self { statement: connection.prepare_cached(&select)?, points })
    }

    /// Gives `count` rows from the row of identity `first` on to `visit`, and says how many of
    /// them there were.
    ///
    /// # Errors
    /// [`Fault::Corrupt`] for a row that we cannot have written.
    pub(super) fn read(
        &mut self,
        first: i64,
        count: i64,
        visit: &mut dyn FnMut(Row),
    ) -> Result<i64, Fault> {
        let mut found = self.statement.query([first, count])?;
        let mut seen = 0;
        while let Some(columns) = found.next()? {
            visit(restore(columns, &self.points)?);
            seen += 1;
        }
        Ok(seen)
    }
}

/// What is left of a row without its columns, or `None` when nothing is left.
fn extra(mut row: Row) -> Result<Option<String>, Fault> {
    if !has_extra(&row) {
        return Ok(None);
    }
    let bare = Point::named(row.function.clone());
    put_point(&mut row, &bare);
    encoded(serde_json::to_string(&row)).map(Some)
}

/// Whether a row has a key that has no column; a key that the schema gains must be placed here.
fn has_extra(row: &Row) -> bool {
    #[rustfmt::skip]
    let Row {
        // In columns of the row.
        schema_version: _, kind: _, total_nanos: _, status: _, side: _, exit_code: _, signal: _,
        repeat_index: _, inner_repeats: _, alloc_bytes: _, alloc_count: _, peak_rss_kb: _,
        rss_floor_kb: _, user_nanos: _, system_nanos: _, instructions: _, major_faults: _,
        minor_faults: _, voluntary_switches: _, involuntary_switches: _, sequence: _, round: _,
        block: _, process: _, started_unix_ns: _, leaked: _, per_call_nanos: _, output: _,
        memory_limiter: _,
        // In the point.
        function: _, params: _, param: _, variant: _, threads: _, cache_mode: _, stage: _,
        // In the text.
        result_hash, error, env, alloc_scope, parent_rss_kb, output_tail, samples,
        latency_histogram, metrics, unavailable, shared_machine, own_peak_rss_kb,
        wait_peak_rss_kb, timer, caches_dropped, result_preview,
        // In columns, unless it says nothing.
        conditions,
    } = row;
    result_hash.is_some()
        || error.is_some()
        || env.is_some()
        || alloc_scope.is_some()
        || parent_rss_kb.is_some()
        || output_tail.is_some()
        || samples.is_some()
        || latency_histogram.is_some()
        || !metrics.is_empty()
        || conditions.is_some()
        || !unavailable.is_empty()
        || shared_machine.is_some()
        || own_peak_rss_kb.is_some()
        || wait_peak_rss_kb.is_some()
        || timer.is_some()
        || !caches_dropped.is_empty()
        || result_preview.is_some()
}

fn restore(columns: &rusqlite::Row<'_>, points: &[Point]) -> Result<Row, Fault> {
    let number = required(columns, 0)?;
    let point = usize::try_from(number).ok().and_then(|number| points.get(number));
    let point = point.ok_or_else(|| Fault::corrupt(format!("a row refers to point {number}")))?;
    let status = Status::of(required(columns, 2)?)?;
    let mut row = match columns.get_ref(EXTRA)? {
        ValueRef::Null => Row::fixed(point.function.clone(), 0, 0, status),
        text => decode_text(text, serde_json::from_str)?,
    };
    put_point(&mut row, point);
    row.kind = RowKind::of(required(columns, 1)?)?;
    row.status = status;
    row.side = integer(columns, 3)?.map(Side::of).transpose()?;
    row.exit_code = integer(columns, 4)?.map(narrow).transpose()?;
    row.signal = integer(columns, 5)?.map(narrow).transpose()?;
    row.total_nanos = required(columns, 6)?.cast_unsigned();
    let mut counters = [None; COUNTERS.len()];
    for (place, counter) in counters.iter_mut().enumerate() {
        *counter = integer(columns, FRONT.len() + place)?.map(i64::cast_unsigned);
    }
    put_counters(&mut row, counters);
    row.per_call_nanos = real(columns, PER_CALL)?;
    restore_added(&mut row, columns)?;
    Ok(row)
}

/// Puts back what version 2 has columns for; a row of version 1 has it from its text.
fn restore_added(row: &mut Row, columns: &rusqlite::Row<'_>) -> Result<(), Fault> {
    if let Some(code) = integer(columns, OUTPUT)? {
        row.output = Some(OutputKind::of(code)?);
    }
    if let Some(code) = integer(columns, MEMORY_LIMITER)? {
        row.memory_limiter = Some(MemoryLimiter::of(code)?);
    }
    let mut numbers = [None; conditions::NUMBERS.len()];
    for (place, number) in numbers.iter_mut().enumerate() {
        *number = integer(columns, CONDITIONS + place)?.map(i64::cast_unsigned);
    }
    conditions::put(row, (numbers, real(columns, LOAD)?));
    Ok(())
}

fn put_point(row: &mut Row, point: &Point) {
    let Point { function, params, param, variant, threads, cache_mode, stage } = point;
    row.function.clone_from(function);
    row.params.clone_from(params);
    row.variant.clone_from(variant);
    row.stage.clone_from(stage);
    (row.param, row.threads, row.cache_mode) = (*param, *threads, *cache_mode);
}

fn integer(columns: &rusqlite::Row<'_>, index: usize) -> Result<Option<i64>, Fault> {
    columns.get_ref(index)?.as_i64_or_null().map_err(Fault::corrupt)
}

fn real(columns: &rusqlite::Row<'_>, index: usize) -> Result<Option<f64>, Fault> {
    columns.get_ref(index)?.as_f64_or_null().map_err(Fault::corrupt)
}

fn required(columns: &rusqlite::Row<'_>, index: usize) -> Result<i64, Fault> {
    columns.get_ref(index)?.as_i64().map_err(Fault::corrupt)
}

fn narrow(value: i64) -> Result<i32, Fault> {
    i32::try_from(value).map_err(Fault::corrupt)
}
