//! The journal: rows on disk as they happen, tentative until its last line stands there.
//!
//! One file a capture, JSON lines: a head, the rows, the terminal summary. A thread of its own
//! writes; the queue to it is bounded, so a slow disk makes the measuring loop wait (counted) and
//! drops nothing. Each row is handed to the kernel before the thread sleeps: `kill -9` loses at
//! most what was in flight. The file is locked while it is written, which is how others tell a
//! journal that is being written from one that a killed `tacho` left.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rustix::fs::FlockOperation;
use tacho_schema::jsonl::{LineError, Lines, decode, decode_row, write_line};
use tacho_schema::{
    CaptureHeader, CaptureSummary, Conditions, JournalEnd, JournalHead, JournalWindow, PlanDoc,
    Row, WindowShare,
};

/// The ending of a journal's name before its head is written.
const BEGUN: &str = "jsonl.new";
/// Rows that are handed to the writer together, at most.
const BURST_ROWS: usize = 32;
/// Bursts that may wait for the disk.
const QUEUE_BURSTS: usize = 32;
/// Rows that wait for their window, at most; more go on without.
const PENDING_ROWS_MAX: usize = 4096;
/// Rows that are decoded ahead of a reader, in chunks.
const CHUNK_ROWS: usize = 512;
const CHUNKS_AHEAD: usize = 8;

/// Why a journal could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file or its folder could not be made, written or read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A line in it is no row.
    #[error("{}: {source}", path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: LineError,
    },
}

impl JournalError {
    /// Whether the disk was full.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        let full = std::io::ErrorKind::StorageFull;
        matches!(self, Self::File { source, .. } if source.kind() == full)
    }
}

/// What takes each row once all of it is known: after its window has ended.
pub type Consumer = Box<dyn FnMut(Box<Row>) + Send>;

/// What goes to the writer.
#[derive(Debug)]
enum Entry {
    Row(Box<Row>),
    Window(Vec<WindowShare>),
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    queue: SyncSender<Vec<Entry>>,
    burst: Vec<Entry>,
    thread: JoinHandle<Result<BufWriter<File>, JournalError>>,
    waits: u64,
}

impl Journal {
    /// Makes the file of the capture in `folder` and writes its head. `consumer` gets every row on
    /// the writer's thread, once the row's window has ended.
    ///
    /// # Errors
    /// [`JournalError::File`]: folder or file cannot be made, or the disk is full.
    pub fn create(
        folder: &Path,
        header: &CaptureHeader,
        plan: &PlanDoc,
        consumer: Consumer,
    ) -> Result<Self, JournalError> {
        let path = folder.join(format!("{}.jsonl", header.id));
        let begun = folder.join(format!("{}.{BEGUN}", header.id));
        let fail = |source| JournalError::File { path: path.clone(), source };
        std::fs::create_dir_all(folder).map_err(fail)?;
        let file = OpenOptions::new().append(true).create_new(true).open(&begun).map_err(fail)?;
        rustix::fs::flock(&file, FlockOperation::LockExclusive)
            .map_err(|errno| fail(errno.into()))?;
        let head = JournalHead {
            journal_version: tacho_schema::version::Version,
            header: header.clone(),
            plan: plan.clone(),
        };
        let mut out = BufWriter::with_capacity(128 * 1024, file);
        write_line(&mut out, &head).and_then(|()| out.flush()).map_err(fail)?;
        // A journal that others can see has a lock and a head.
        if path.exists() {
            return Err(fail(std::io::ErrorKind::AlreadyExists.into()));
        }
        std::fs::rename(&begun, &path).map_err(fail)?;
        let (queue, bursts) = sync_channel(QUEUE_BURSTS);
        let thread_path = path.clone();
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                Writer { out, pending: VecDeque::new(), consumer }.run(&bursts, &thread_path)
            })
            .map_err(fail)?;
        Ok(Self { path, queue, burst: Vec::new(), thread, waits: 0 })
    }

    /// How often rows had to wait for the disk.
    #[must_use]
    pub fn waits(&self) -> u64 {
        self.waits
    }

    /// Takes a row, to be written with the next [`Journal::flush`] at the latest. False: the writer
    /// has failed, and [`Journal::finish`] says why.
    #[must_use]
    pub fn push(&mut self, row: Box<Row>) -> bool {
        self.burst.push(Entry::Row(row));
        self.burst.len() < BURST_ROWS || self.flush()
    }

    /// Tells what the machine did while the rows since the last window were measured. False as
    /// above.
    #[must_use]
    pub fn window(&mut self, shares: Vec<WindowShare>) -> bool {
        self.burst.push(Entry::Window(shares));
        self.burst.len() < BURST_ROWS || self.flush()
    }

    /// Hands the rows taken so far to the writer; waits while its queue is full. False as above.
    #[must_use]
    pub fn flush(&mut self) -> bool {
        if self.burst.is_empty() {
            return true;
        }
        match self.queue.try_send(std::mem::take(&mut self.burst)) {
            Ok(()) => true,
            Err(TrySendError::Full(burst)) => {
                self.waits += 1;
                self.queue.send(burst).is_ok()
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }

    /// Writes the terminal summary, if there is one, and syncs the file to the disk. It stays
    /// locked until what is returned is dropped.
    ///
    /// # Errors
    /// What the writer met, now or earlier.
    pub fn finish(mut self, summary: Option<&CaptureSummary>) -> Result<Held, JournalError> {
        // A writer that has failed says why below.
        let _ = self.flush();
        drop(self.queue);
        let path = self.path;
        let written = self.thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let mut out = written?;
        let fail = |source| JournalError::File { path: path.clone(), source };
        if let Some(summary) = summary {
            write_line(&mut out, &JournalEnd { summary: summary.clone() }).map_err(fail)?;
        }
        out.flush().and_then(|()| out.get_ref().sync_data()).map_err(fail)?;
        let file = out.into_inner().map_err(|error| fail(error.into_error()))?;
        Ok(Held { path, _file: file })
    }
}

/// A journal that nobody else may touch, because we hold its lock.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    _file: File,
}

impl Held {
    /// Takes the journal at `path` that a killed `tacho` left; `None` when somebody else is writing
    /// or taking it, or has done with it.
    ///
    /// # Errors
    /// [`JournalError::File`] when it cannot be opened.
    pub fn take(path: &Path) -> Result<Option<Self>, JournalError> {
        let fail = |source| JournalError::File { path: path.to_owned(), source };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(fail(error)),
        };
        if rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Ok(None);
        }
        // It may have been removed between opening and locking.
        let there = path.exists();
        Ok(there.then(|| Self { path: path.to_owned(), _file: file }))
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it: what it held is committed, or nothing.
    ///
    /// # Errors
    /// [`JournalError::File`] when it cannot be removed.
    pub fn remove(self) -> Result<(), JournalError> {
        std::fs::remove_file(&self.path)
            .map_err(|source| JournalError::File { path: self.path.clone(), source })
    }
}

/// The writer's side: lines to the file, rows to the consumer when their window has ended.
struct Writer {
    out: BufWriter<File>,
    pending: VecDeque<Box<Row>>,
    consumer: Consumer,
}

impl Writer {
    fn run(
        mut self,
        bursts: &Receiver<Vec<Entry>>,
        path: &Path,
    ) -> Result<BufWriter<File>, JournalError> {
        let fail = |source| JournalError::File { path: path.to_owned(), source };
        let mut next = bursts.recv().ok();
        while let Some(burst) = next {
            for entry in burst {
                self.write(entry).map_err(fail)?;
            }
            next = match bursts.try_recv() {
                Ok(burst) => Some(burst),
                Err(TryRecvError::Disconnected) => None,
                Err(TryRecvError::Empty) => {
                    self.out.flush().map_err(fail)?;
                    bursts.recv().ok()
                }
            };
        }
        for row in self.pending.drain(..) {
            (self.consumer)(row);
        }
        Ok(self.out)
    }

    fn write(&mut self, entry: Entry) -> Result<(), std::io::Error> {
        match entry {
            Entry::Row(row) => {
                write_line(&mut self.out, &row)?;
                self.pending.push_back(row);
                if self.pending.len() > PENDING_ROWS_MAX
                    && let Some(row) = self.pending.pop_front()
                {
                    (self.consumer)(row);
                }
            }
            Entry::Window(shares) => {
                let line = JournalWindow { window: shares };
                write_line(&mut self.out, &line)?;
                for row in filled(&mut self.pending, &line.window) {
                    (self.consumer)(row);
                }
            }
        }
        Ok(())
    }
}

/// The rows that a window closes, with what they share.
fn filled(pending: &mut VecDeque<Box<Row>>, shares: &[WindowShare]) -> Vec<Box<Row>> {
    let mut rows = Vec::with_capacity(pending.len());
    for share in shares {
        let shared = pending.len().min(share.rows as usize);
        rows.extend(pending.drain(..shared).map(|mut row| {
            row.conditions.get_or_insert_with(Conditions::default).fill(&share.conditions);
            row
        }));
    }
    // The window was about all of them; what it does not count stays without.
    rows.extend(pending.drain(..));
    rows
}

/// A journal that is read.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    lines: Lines<BufReader<File>>,
    head: JournalHead,
    summary: Option<CaptureSummary>,
    /// Rows whose window has not been read …
    pending: VecDeque<Box<Row>>,
    /// … and those of which all is known.
    ready: VecDeque<Box<Row>>,
    failure: Option<LineError>,
    ended: bool,
}

impl Reader {
    /// Opens it and reads its head; `None` when not even that was written whole.
    ///
    /// # Errors
    /// [`JournalError`]: the file cannot be read, or its first line is no head.
    pub fn open(path: &Path) -> Result<Option<Self>, JournalError> {
        let file = File::open(path)
            .map_err(|source| JournalError::File { path: path.to_owned(), source })?;
        let mut lines = Lines::new(BufReader::with_capacity(128 * 1024, file));
        let head = match lines.next_line() {
            Ok(Some((bytes, line))) => decode::<JournalHead>(bytes, line),
            Ok(None) | Err(LineError::Torn { .. }) => return Ok(None),
            Err(error) => Err(error),
        };
        let head = head.map_err(|source| JournalError::Line { path: path.to_owned(), source })?;
        let path = path.to_owned();
        Ok(Some(Self {
            path,
            lines,
            head,
            summary: None,
            pending: VecDeque::new(),
            ready: VecDeque::new(),
            failure: None,
            ended: false,
        }))
    }

    /// What was known before the first row.
    #[must_use]
    pub fn head(&self) -> &JournalHead {
        &self.head
    }

    /// The terminal summary; known only when every row has been read.
    #[must_use]
    pub fn summary(&self) -> Option<&CaptureSummary> {
        self.summary.as_ref()
    }

    /// The next row, or `None` at the end, at a torn last line, or after the summary.
    ///
    /// # Errors
    /// [`JournalError`]: the file cannot be read, or a whole line is no row.
    pub fn next_row(&mut self) -> Result<Option<Row>, JournalError> {
        while self.ready.is_empty() && !self.ended {
            if let Err(source) = self.read_line() {
                // What stands before the line is told first.
                self.failure = Some(source);
            }
            if self.ended {
                self.ready.append(&mut self.pending);
            }
        }
        if let Some(row) = self.ready.pop_front() {
            return Ok(Some(*row));
        }
        let failure = self.failure.take();
        failure
            .map_or(Ok(None), |source| Err(JournalError::Line { path: self.path.clone(), source }))
    }

    fn read_line(&mut self) -> Result<(), LineError> {
        // A line that cannot be read ends the journal, as its summary does.
        self.ended = true;
        let line = match self.lines.next_line() {
            Ok(Some(line)) => Some(line),
            Ok(None) | Err(LineError::Torn { .. }) => None,
            Err(error) => return Err(error),
        };
        match line {
            None => {}
            Some((bytes, line)) if bytes.starts_with(b"{\"summary\":") => {
                self.summary = Some(decode::<JournalEnd>(bytes, line)?.summary);
            }
            Some((bytes, line)) if bytes.starts_with(b"{\"window\":") => {
                let window = decode::<JournalWindow>(bytes, line)?.window;
                self.ready.extend(filled(&mut self.pending, &window));
                self.ended = false;
            }
            Some((bytes, line)) => {
                self.pending.push_back(Box::new(decode_row(bytes, line)?));
                if self.pending.len() > PENDING_ROWS_MAX {
                    self.ready.extend(self.pending.pop_front());
                }
                self.ended = false;
            }
        }
        Ok(())
    }

    /// The remaining rows, decoded ahead on another thread: for a consumer that is itself busy.
    #[must_use]
    pub fn rows_ahead(mut self) -> RowsAhead {
        let (queue, chunks) = sync_channel(CHUNKS_AHEAD);
        let spawned =
            std::thread::Builder::new().name("journal-reader".to_owned()).spawn(move || {
                loop {
                    let mut chunk = Vec::with_capacity(CHUNK_ROWS);
                    while chunk.len() < CHUNK_ROWS {
                        match self.next_row() {
                            Ok(Some(row)) => chunk.push(Ok(row)),
                            Ok(None) => break,
                            Err(error) => {
                                chunk.push(Err(error));
                                break;
                            }
                        }
                    }
                    if chunk.is_empty() || queue.send(chunk).is_err() {
                        return;
                    }
                }
            });
        let failure = spawned.err();
        RowsAhead { chunks, current: Vec::new().into_iter(), failure }
    }
}

/// Rows of a journal, in order; see [`Reader::rows_ahead`].
#[derive(Debug)]
pub struct RowsAhead {
    chunks: Receiver<Vec<Result<Row, JournalError>>>,
    current: std::vec::IntoIter<Result<Row, JournalError>>,
    failure: Option<std::io::Error>,
}

impl Iterator for RowsAhead {
    type Item = Result<Row, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(source) = self.failure.take() {
            return Some(Err(JournalError::File { path: "journal".into(), source }));
        }
        loop {
            if let Some(row) = self.current.next() {
                return Some(row);
            }
            self.current = self.chunks.recv().ok()?.into_iter();
        }
    }
}

/// A journal that lies in a folder.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub path: PathBuf,
    /// A `tacho` is writing it now.
    pub live: bool,
}

/// The journals in `folder`, oldest first; none when there is no such folder.
///
/// # Errors
/// [`JournalError::File`] when the folder cannot be read.
pub fn find(folder: &Path) -> Result<Vec<Found>, JournalError> {
    let fail = |source| JournalError::File { path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fail(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            found.push(Found { live: is_live(&path), path });
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// Removes what killed `tacho`s left before their journals had a head; there is nothing in it.
pub fn clear_begun(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.to_string_lossy().ends_with(BEGUN) && !is_live(&path) {
            // Whoever else removes it saves us the trouble.
            let _ = std::fs::remove_file(&path);
        }
    }
}

/// Whether a `tacho` holds the journal's lock. One that just vanished was live: its owner took it.
fn is_live(path: &Path) -> bool {
    File::open(path).map_or(true, |file| {
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared).is_err()
    })
}

#[cfg(test)]
mod tests;
