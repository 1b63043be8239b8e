//! The parent's side of the wire contract: what a program that times itself is asked, and its row.
//!
//! Values in, values out: nothing here starts or times anything. A row that is not what was asked
//! for is an error in words, never a number.

use tacho_plan::Layout;
use tacho_schema::jsonl::decode_row;
use tacho_schema::{Bytes, CacheMode, PlannedPoint, Row, RowKind, Status, WireBatch};

use crate::outcome::forget_usage;
use crate::reading::{Fault, cut_note, quoted};
use crate::spawn::{End, Ended};

/// The key by which a line is known to be a row.
const ROW_KEY: &str = "schema_version";

/// A longer row is refused: the journal's line that holds it must not become longer than a line
/// may be, however its numbers are written again.
const ROW_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What is kept of a row's own texts.
const ERROR_CHARS_MAX: usize = 2000;
const PREVIEW_CHARS_MAX: usize = 200;

/// What the variables are called that a program gets with a batch.
pub(crate) const PADDING: &str = "TACHO_PADDING";
const PREVIEW: &str = "TACHO_PREVIEW";

/// Why a batch has no counts of the kernel.
const WHOLE_PROCESS: &str = "known of the whole process, not of one call";

/// The words that ask for the point's batch of this number.
pub(crate) fn argv(
    planned: &PlannedPoint,
    wire: &WireBatch,
    batch: u64,
    layout: Layout,
) -> Vec<String> {
    let mut argv = planned.argv.clone();
    if let Some(word) = argv.get_mut(wire.launcher_words) {
        *word = lengthened(word, layout.word_repeats);
    }
    argv.extend(["_child", "--bench", &wire.bench].map(str::to_owned));
    let point = &planned.point;
    match point.param {
        Some(param) => {
            argv.extend(["--param".to_owned(), param.to_string()]);
            argv.extend(["--target-nanos".to_owned(), wire.target_nanos.to_string()]);
            let mode = point.cache_mode.unwrap_or(CacheMode::Warm);
            argv.extend(["--cache-mode", mode.as_str()].map(str::to_owned));
        }
        None => {
            argv.extend(["--fixed", "--repeat-index"].map(str::to_owned));
            argv.push(batch.to_string());
            argv.extend(["--min-total-nanos".to_owned(), wire.target_nanos.to_string()]);
            if point.cache_mode == Some(CacheMode::Cold) {
                argv.extend(["--cache-mode", "cold"].map(str::to_owned));
            }
        }
    }
    if let Some(threads) = point.threads {
        argv.extend(["--threads".to_owned(), threads.to_string()]);
    }
    argv
}

/// The variables that a batch gets besides the point's own.
pub(crate) fn variables(wire: &WireBatch, layout: Layout) -> Vec<(&'static str, String)> {
    let mut variables = vec![(PADDING, "x".repeat(layout.padding_bytes))];
    if wire.preview {
        variables.push((PREVIEW, "1".to_owned()));
    }
    variables
}

/// A path with `./` repeated behind its last folder: longer, and the same file.
fn lengthened(word: &str, repeats: usize) -> String {
    match word.rfind('/') {
        Some(slash) => {
            let (folder, file) = word.split_at(slash + 1);
            format!("{folder}{}{file}", "./".repeat(repeats))
        }
        None => word.to_owned(),
    }
}

/// Completes the row of a batch with what its program printed; `row` says how the process ended.
pub(crate) fn complete(row: &mut Row, planned: &PlannedPoint, wire: &WireBatch, ended: &Ended) {
    forget_usage(row, WHOLE_PROCESS);
    match (row.status, read(planned, wire, row.repeat_index, ended)) {
        (Status::Ok, Ok(told)) => merge(row, wire, told),
        (Status::Ok, Err((status, why))) => (row.status, row.error) = (status, Some(why)),
        // How the process ended counts; what it says of itself stands beside that.
        (_, Ok(Row { error: Some(said), .. })) => {
            let how = row.error.take().unwrap_or_default();
            row.error = Some(format!("{how}: {}", beginning(&said, ERROR_CHARS_MAX)));
        }
        (_, Ok(_) | Err(_)) => {}
    }
}

/// The row that was printed.
///
/// # Errors
/// There is none, there are several, or it is not the one that was asked for.
fn read(
    planned: &PlannedPoint,
    wire: &WireBatch,
    batch: Option<u64>,
    ended: &Ended,
) -> Result<Row, Fault> {
    let text = ended.stdout.kept();
    let mut rows = (1u64..).zip(text.lines()).filter_map(|(number, line)| row_of(line, number));
    let first = rows.next();
    let name = &wire.bench;
    let wrong = |why: String| (Status::Error, format!("`{name}` printed {why}"));
    match (first, rows.count()) {
        (None, _) => Err((Status::NoOutput, nothing(name, ended))),
        (Some(row), 0) => {
            let row = row.map_err(|why| wrong(format!("a row that cannot be read: {why}")))?;
            fault(planned, wire, batch, &row).map_or(Ok(row), |why| Err(wrong(why)))
        }
        (Some(_), more) => Err(wrong(format!("{} rows, and a batch has one", more + 1))),
    }
}

fn nothing(name: &str, ended: &Ended) -> String {
    let how = match ended.end {
        End::Exited(code) => format!("ended with exit code {code}"),
        End::Signaled(_) | End::NotStarted { .. } => "was ended".to_owned(),
    };
    let printed = ended.stdout.total_bytes() + ended.stderr.total_bytes();
    let besides = match printed {
        0 => "printed nothing".to_owned(),
        bytes => format!("printed {}", Bytes(bytes as f64)),
    };
    format!("`{name}` printed no row{}: it {how} and {besides}", cut_note(&ended.stdout))
}

/// A line as a row, where it is one or was to be one.
fn row_of(line: &str, number: u64) -> Option<Result<Row, String>> {
    let line = line.trim();
    if !line.starts_with('{') || !line.contains(ROW_KEY) {
        return None;
    }
    if line.len() > ROW_BYTES_MAX {
        return Some(Err(format!("longer than {}", Bytes(ROW_BYTES_MAX as f64))));
    }
    match decode_row(line.as_bytes(), number) {
        Ok(row) => Some(Ok(row)),
        // A line that is JSON through and through, and no row, is the program's own.
        Err(_) if is_without_key(line) => None,
        Err(error) => Some(Err(format!("{error}: {}", quoted(line)))),
    }
}

fn is_without_key(line: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(line).is_ok_and(|it| it.get(ROW_KEY).is_none())
}

/// How a row is not the one that was asked for.
fn fault(
    planned: &PlannedPoint,
    wire: &WireBatch,
    batch: Option<u64>,
    row: &Row,
) -> Option<String> {
    let point = &planned.point;
    if row.function.as_str() != wire.bench {
        return Some(format!("the row of another workload, `{}`", quoted(row.function.as_str())));
    }
    let kind = if point.param.is_some() { RowKind::Parametric } else { RowKind::Fixed };
    if row.kind != kind {
        let word = |kind: RowKind| match kind {
            RowKind::Parametric => "parametric",
            RowKind::Fixed => "fixed",
        };
        return Some(format!("a {} row, asked for was a {} one", word(row.kind), word(kind)));
    }
    let index = batch.and(row.repeat_index);
    for (key, told, asked) in [("param", row.param, point.param), ("repeat_index", index, batch)] {
        if told != asked {
            let shown = |number: Option<u64>| number.map_or("none".into(), |it| it.to_string());
            let (told, asked) = (shown(told), shown(asked));
            return Some(format!("a row of {key} {told}, asked for was {asked}"));
        }
    }
    let mode = point.cache_mode.unwrap_or(CacheMode::Warm);
    if let Some(told) = row.cache_mode.filter(|told| *told != mode) {
        let (told, asked) = (told.as_str(), mode.as_str());
        return Some(format!("a row with cache_mode {told}, asked for was {asked}"));
    }
    if row.status == Status::Ok { unmeasured(row, mode) } else { None }
}

/// How the numbers of a row are no measurement.
fn unmeasured(row: &Row, mode: CacheMode) -> Option<String> {
    match row.inner_repeats {
        Some(0) => return Some("a row of 0 calls".to_owned()),
        Some(calls @ 2..) if mode == CacheMode::Cold => {
            return Some(format!("a cold row of {calls} calls, and a cold process makes one"));
        }
        _ => {}
    }
    let is_time = |nanos: &&f64| nanos.is_finite() && **nanos >= 0.0;
    if let Some(nanos) = row.per_call_nanos.as_ref().filter(|nanos| !is_time(nanos)) {
        return Some(format!("a row with per_call_nanos {nanos}, which is no time"));
    }
    let wrong = row.samples.iter().flatten().find(|nanos| !is_time(nanos))?;
    Some(format!("a row with {wrong} among its samples, which is no time"))
}

/// Takes from the program's row what only it knows.
fn merge(row: &mut Row, wire: &WireBatch, told: Row) {
    row.status = told.status;
    row.total_nanos = told.total_nanos;
    row.inner_repeats = told.inner_repeats.or(row.inner_repeats);
    row.per_call_nanos = told.per_call_nanos;
    row.result_hash = told.result_hash;
    row.alloc_bytes = told.alloc_bytes;
    row.alloc_count = told.alloc_count;
    row.alloc_scope = told.alloc_scope;
    row.samples = told.samples;
    row.latency_histogram = told.latency_histogram;
    row.metrics.extend(told.metrics);
    row.timer = told.timer;
    row.caches_dropped = told.caches_dropped;
    row.result_preview = told.result_preview.map(|text| beginning(&text, PREVIEW_CHARS_MAX));
    for (metric, reason) in told.unavailable {
        row.unavailable.entry(metric).or_insert(reason);
    }
    if let Some(own_kb) = told.peak_rss_kb.filter(|kib| *kib > 0) {
        row.own_peak_rss_kb = Some(own_kb);
        row.wait_peak_rss_kb = row.peak_rss_kb;
        row.peak_rss_kb = row.peak_rss_kb.max(Some(own_kb));
        row.unavailable.remove("peak_rss");
    }
    if row.status == Status::Ok {
        check_answer(row, wire);
    } else {
        let said = told.error.unwrap_or_else(|| {
            format!("`{}` says `{}`, and not why", wire.bench, row.status.as_str())
        });
        row.error = Some(beginning(&said, ERROR_CHARS_MAX));
    }
}

fn check_answer(row: &mut Row, wire: &WireBatch) {
    let Some(expected) = &wire.expected_hash else { return };
    let name = &wire.bench;
    let (status, why) = match &row.result_hash {
        Some(hash) if is_same(hash, expected) => return,
        Some(hash) => {
            let (hash, expected) = (quoted(hash), quoted(expected));
            (Status::WrongAnswer, format!("the answer's hash is {hash}, expected was {expected}"))
        }
        None => {
            let why = format!("told no result_hash, expected was {}", quoted(expected));
            (Status::NoOutput, why)
        }
    };
    (row.status, row.error) = (status, Some(format!("`{name}`: {why}")));
}

/// Whether two hashes are of the same answer.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn beginning(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
