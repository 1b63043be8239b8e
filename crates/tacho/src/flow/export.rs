//! Rows gathered for hyperfine's JSON: its format wants every run, in order.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use tacho_report::HyperfineRuns;
use tacho_schema::{Metric, PlanDoc, Point, PointSummary, Row, Status};

use crate::failure::Failure;

/// Refuses a file that could not be written at the end, before anything is measured for it.
///
/// A file that is there stays as it is; of one that is not, nothing stays.
///
/// # Errors
/// It is a folder, or in none (exit 2); it may not be written (exit 5).
pub(crate) fn check_target(path: &Path) -> Result<(), Failure> {
    let is_stdout = path == Path::new("-");
    let tried = match std::fs::metadata(path) {
        _ if is_stdout => Ok(()),
        Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        // Opening a pipe would wait for its reader, and closing it would end that.
        Ok(found) if !found.is_file() => Ok(()),
        Ok(_) => OpenOptions::new().append(true).open(path).map(drop),
        Err(_) => File::create_new(path).and_then(|_| std::fs::remove_file(path)),
    };
    let refused = |why| Err(Failure::usage(format!("--export-json {}: {why}", path.display())));
    match tried {
        Ok(()) => Ok(()),
        // A link that leads to nothing yet.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => match error.kind() {
            ErrorKind::IsADirectory => refused("it is a folder"),
            ErrorKind::NotFound | ErrorKind::NotADirectory => refused("there is no such folder"),
            _ => Err(Failure::cannot(&format!("write {}", path.display()), &error)),
        },
    }
}

/// The runs of one point that ended well.
#[derive(Debug, Default)]
struct Runs {
    times_nanos: Vec<u64>,
    memory_bytes: Vec<u64>,
    exit_codes: Vec<Option<i32>>,
}

/// The runs of every point.
#[derive(Debug, Default)]
pub(crate) struct Export {
    points: BTreeMap<Point, Runs>,
}

impl Export {
    /// Takes a row.
    pub(crate) fn add(&mut self, row: &Row) {
        if row.status != Status::Ok {
            return;
        }
        let runs = self.points.entry(Point::of(row)).or_default();
        runs.times_nanos.push(row.total_nanos);
        runs.exit_codes.push(row.exit_code);
        runs.memory_bytes.extend(row.peak_rss_kb.map(|kib| kib.saturating_mul(1024)));
    }

    /// Writes the document to `path`, or to standard output for `-`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(
        &self,
        path: &Path,
        plan: &PlanDoc,
        summaries: &[PointSummary],
    ) -> Result<(), Failure> {
        let empty = Runs::default();
        let planned: HashMap<String, &Point> =
            plan.points.iter().map(|planned| (planned.point.to_string(), &planned.point)).collect();
        let parameters: Vec<Vec<(String, String)>> = summaries
            .iter()
            .map(|summary| {
                planned.get(&summary.point).map_or(Vec::new(), |point| {
                    point.params.iter().map(|(name, it)| (name.clone(), it.to_string())).collect()
                })
            })
            .collect();
        let results: Vec<HyperfineRuns<'_>> = summaries
            .iter()
            .zip(&parameters)
            .map(|(summary, parameters)| {
                let point = planned.get(&summary.point);
                let runs = point.and_then(|point| self.points.get(*point)).unwrap_or(&empty);
                HyperfineRuns {
                    command: &summary.label,
                    wall: summary.spread(Metric::Wall),
                    user: summary.spread(Metric::User),
                    system: summary.spread(Metric::System),
                    times_nanos: &runs.times_nanos,
                    memory_bytes: &runs.memory_bytes,
                    exit_codes: &runs.exit_codes,
                    parameters,
                }
            })
            .collect();
        let text = tacho_report::hyperfine::export(&results);
        let written = if path == Path::new("-") {
            crate::terminal::print(&text)
        } else {
            std::fs::write(path, text)
        };
        written.map_err(|error| Failure::cannot(&format!("write {}", path.display()), &error))
    }
}
