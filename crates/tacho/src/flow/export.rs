//! Results to files in hyperfine's formats: which files, and every run in order, which they want.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::path::Path;

use tacho_report::export::{Exported, ExportedRun, Format, TimeUnit};
use tacho_report::phrase;
use tacho_schema::{Metric, PlanDoc, Point, PointSummary, Row, Status, SummaryDoc};

use crate::args::export::{ExportFiles, Sort};
use crate::failure::Failure;
use crate::terminal;

/// One file that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) flag: &'static str,
    pub(crate) path: &'a Path,
    format: Format,
    unit: Option<TimeUnit>,
    sort: Option<Sort>,
}

impl Target<'_> {
    /// Whether it is standard output.
    pub(crate) fn is_stdout(&self) -> bool {
        self.path == Path::new("-")
    }
}

/// The files that are asked for; tables in them have the order that `sort` asks for.
///
/// # Errors
/// Two of them are the same one, or both standard output: exit 2.
pub(crate) fn targets(files: &ExportFiles, sort: Option<Sort>) -> Result<Vec<Target<'_>>, Failure> {
    let unit = files.time_unit;
    let targets: Vec<Target<'_>> = [
        ("--export-json", &files.export_json, Format::Json),
        ("--export-json-1", &files.export_json_1, Format::Json1),
        ("--export-csv", &files.export_csv, Format::Csv),
        ("--export-markdown", &files.export_markdown, Format::Markdown),
        ("--export-asciidoc", &files.export_asciidoc, Format::Asciidoc),
        ("--export-orgmode", &files.export_orgmode, Format::Orgmode),
    ]
    .into_iter()
    .filter_map(|(flag, path, format)| {
        let path = path.as_deref()?;
        Some(Target { flag, path, format, unit, sort })
    })
    .collect();
    check_apart(&targets)?;
    Ok(targets)
}

/// Whether times in it have a unit of the user's choice, and its rows an order.
fn is_table(format: Format) -> bool {
    match format {
        Format::Json | Format::Json1 | Format::Csv => false,
        Format::Markdown | Format::Asciidoc | Format::Orgmode => true,
    }
}

fn check_apart(targets: &[Target<'_>]) -> Result<(), Failure> {
    for (index, target) in targets.iter().enumerate() {
        let Some(other) = targets[..index].iter().find(|other| other.path == target.path) else {
            continue;
        };
        let file = match target.is_stdout() {
            true => "standard output".to_owned(),
            false => target.path.display().to_string(),
        };
        let flags = format!("{} and {}", other.flag, target.flag);
        return Err(Failure::usage(format!("{flags} both write to {file}")));
    }
    Ok(())
}

/// The document with its points in the order of a table.
pub(crate) fn sorted(doc: &SummaryDoc, sort: Option<Sort>) -> SummaryDoc {
    let mut doc = doc.clone();
    if sort == Some(Sort::MeanTime) {
        let median = |point: &PointSummary| {
            point.spread(Metric::Wall).map_or(f64::INFINITY, |wall| wall.median)
        };
        doc.points.sort_by(|a, b| median(a).total_cmp(&median(b)));
    }
    doc
}

/// Says that points are missing from every file, because they have no numbers.
pub(crate) fn note_missing(points: &[PointSummary]) {
    let missing = points.iter().filter(|point| point.spread(Metric::Wall).is_none()).count() as u64;
    if missing > 0 {
        terminal::note(&format!(
            "without a run that ended well, so left out of the exports: {}",
            phrase::counted(missing, "point"),
        ));
    }
}

/// Refuses a file that could not be written at the end, before anything is measured for it.
///
/// A file that is there stays as it is; of one that is not, nothing stays.
///
/// # Errors
/// It is a folder, or in none (exit 2); it may not be written (exit 5).
pub(crate) fn check_target(target: &Target<'_>) -> Result<(), Failure> {
    let path = target.path;
    let tried = match std::fs::metadata(path) {
        _ if target.is_stdout() => Ok(()),
        Ok(found) if found.is_dir() => Err(ErrorKind::IsADirectory.into()),
        // Opening a pipe would wait for its reader, and closing it would end that.
        Ok(found) if !found.is_file() => Ok(()),
        Ok(_) => OpenOptions::new().append(true).open(path).map(drop),
        Err(_) => File::create_new(path).and_then(|_| std::fs::remove_file(path)),
    };
    let refused = |why| Err(Failure::usage(format!("{} {}: {why}", target.flag, path.display())));
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

/// The runs of every point that ended well.
#[derive(Debug, Default)]
pub(crate) struct Export {
    points: BTreeMap<Point, Vec<ExportedRun>>,
}

impl Export {
    /// Takes a row.
    pub(crate) fn add(&mut self, row: &Row) {
        if row.status != Status::Ok {
            return;
        }
        self.points.entry(Point::of(row)).or_default().push(ExportedRun {
            // Of a program that times itself, a call's, as every other number of it.
            wall_nanos: row.metric(Metric::Wall).unwrap_or(row.total_nanos as f64),
            user_nanos: row.user_nanos,
            system_nanos: row.system_nanos,
            memory_bytes: row.peak_rss_kb.map(|kib| kib.saturating_mul(1024)),
            exit_code: row.exit_code,
        });
    }

    /// Writes `target`: a table in the order that was asked for, JSON and CSV in the plan's.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write(
        &self,
        target: &Target<'_>,
        plan: &PlanDoc,
        doc: &SummaryDoc,
    ) -> Result<(), Failure> {
        let text = match is_table(target.format) {
            true => self.text(target, plan, &sorted(doc, target.sort)),
            false => self.text(target, plan, doc),
        };
        let (written, place) = match target.is_stdout() {
            true => (terminal::print(&text), "to standard output".to_owned()),
            false => (std::fs::write(target.path, text), target.path.display().to_string()),
        };
        written.map_err(|error| Failure::cannot(&format!("write {place}"), &error))
    }

    fn text(&self, target: &Target<'_>, plan: &PlanDoc, doc: &SummaryDoc) -> String {
        let points = &doc.points;
        let planned: HashMap<String, &Point> =
            plan.points.iter().map(|planned| (planned.point.to_string(), &planned.point)).collect();
        let parameters_of = |summary: &PointSummary| {
            let point = planned.get(&summary.point)?;
            Some(point.params.iter().map(|(name, it)| (name.clone(), it.to_string())).collect())
        };
        let parameters: Vec<Vec<(String, String)>> =
            points.iter().map(|summary| parameters_of(summary).unwrap_or_default()).collect();
        let exported = points.iter().zip(&parameters).map(|(summary, parameters)| {
            let runs = planned.get(&summary.point).and_then(|point| self.points.get(*point));
            Exported { summary, runs: runs.map_or(&[], Vec::as_slice), parameters }
        });
        let points: Vec<Exported<'_>> = exported.collect();
        tacho_report::export::text(target.format, &points, target.unit, &doc.capture)
    }
}
