//! `tacho export`: the rows of a capture for other programs, one by one from the store.

mod csv;
mod jsonl;

use std::io::{BufWriter, Error, ErrorKind, Write};
use std::path::Path;

use tacho_schema::{CaptureHeader, CaptureId, Row};
use tacho_store::Store;

use crate::args::verbs::{ExportArgs, RowFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flow::summary::{find_capture, no_captures};
use crate::flow::whole_file;
use crate::project::{Project, store_failure};

/// Writes the rows of a capture.
pub(crate) fn export(args: &ExportArgs) -> Result<Exit, Failure> {
    let project = Project::find(&args.place)?;
    let store = project.open_to_read()?.ok_or_else(|| no_captures(false))?;
    let id = find_capture(store.as_ref(), &args.capture, false)?;
    let stored = store.capture(&id).map_err(|error| store_failure("read the capture", &error))?;
    let capture = Capture { store: store.as_ref(), id, header: stored.header };
    if args.output == Path::new("-") {
        let mut out = BufWriter::new(std::io::stdout().lock());
        let written = write(&capture, args.format, &mut out).and_then(|()| Ok(out.flush()?));
        return match written {
            // The reader has what it wanted.
            Err(Stop::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Fine),
            Err(stop) => Err(stop.into_failure("standard output")),
            Ok(()) => Ok(Exit::Fine),
        };
    }
    let name = args.output.display().to_string();
    let mut stopped = None;
    let written = whole_file::write(&args.output, |out| {
        write(&capture, args.format, out).map_err(|stop| match stop {
            Stop::Output(error) => error,
            Stop::Store(failure) => {
                stopped = Some(failure);
                Error::other("the store cannot be read")
            }
        })
    });
    match (stopped, written) {
        (Some(failure), _) => Err(failure),
        (None, Err(error)) => Err(Stop::Output(error).into_failure(&name)),
        (None, Ok(())) => Ok(Exit::Fine),
    }
}

/// A committed capture, whose rows are read when they are needed.
struct Capture<'s> {
    store: &'s dyn Store,
    id: CaptureId,
    header: CaptureHeader,
}

/// Why the writing ended early.
#[derive(Debug)]
enum Stop {
    Output(Error),
    Store(Failure),
}

impl Stop {
    fn into_failure(self, target: &str) -> Failure {
        match self {
            Self::Store(failure) => failure,
            Self::Output(error) => match error.kind() {
                ErrorKind::IsADirectory => {
                    Failure::usage(format!("--output {target}: it is a folder"))
                }
                ErrorKind::NotFound | ErrorKind::NotADirectory => {
                    Failure::usage(format!("--output {target}: there is no such folder"))
                }
                _ => Failure::cannot(&format!("write {target}"), &error),
            },
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Output(error)
    }
}

impl Capture<'_> {
    /// Hands the rows to `visit`, until it fails: then the rest is passed over.
    fn rows(&self, mut visit: impl FnMut(Row) -> Result<(), Error>) -> Result<(), Stop> {
        let mut failed = None;
        self.store
            .rows(&self.id, &mut |row| {
                if failed.is_none() {
                    failed = visit(row).err();
                }
            })
            .map_err(|error| Stop::Store(store_failure("read the capture", &error)))?;
        failed.map_or(Ok(()), |error| Err(Stop::Output(error)))
    }
}

fn write(capture: &Capture<'_>, format: RowFormat, out: &mut dyn Write) -> Result<(), Stop> {
    match format {
        RowFormat::Jsonl => {
            capture.rows(|row| jsonl::write(&jsonl::whole(row, &capture.header), out))
        }
        RowFormat::Csv => {
            let mut columns = csv::Columns::default();
            capture.rows(|row| {
                columns.add(&row);
                Ok(())
            })?;
            out.write_all(columns.head().as_bytes())?;
            capture.rows(|row| out.write_all(columns.line(&row)?.as_bytes()))
        }
    }
}
