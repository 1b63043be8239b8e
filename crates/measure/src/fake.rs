//! Scripted outcomes: a starter that runs nothing, for every scheduling and failure test.

use std::collections::VecDeque;
use std::ffi::CString;

use crate::clock::monotonic_nanos;
use crate::program::Program;
use crate::spawn::{End, Ended, Event, Next, SpawnError, Spawner, Tail};
use crate::tail::OUTPUT_BYTES_MAX;

/// What one child will do.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// Ends by itself.
    Ends { end: End, wall_nanos: u64 },
    /// Lives until a signal; ignores TERM if told so.
    Hangs { ignores_term: bool },
    /// Is announced, and reported only after a signal, which it had forestalled.
    CrossesSignal { wall_nanos: u64 },
    /// The starter itself ends.
    StarterDies,
}

/// What a program that times itself prints when it is asked with these words; `None`: it hangs.
pub(crate) type Harness = fn(&[String]) -> Option<String>;

/// Plays a script, one act a request; requests beyond the script end well in 1 ms.
pub(crate) struct FakeSpawner {
    script: VecDeque<Act>,
    queue: VecDeque<u64>,
    running: Option<(u64, Act, u64)>,
    /// Every program's last word, in the order in which they ran.
    pub(crate) ran: std::rc::Rc<std::cell::RefCell<Vec<String>>>,
    /// Every program that was handed over.
    pub(crate) asked: std::rc::Rc<std::cell::RefCell<Vec<Program>>>,
    pub(crate) signals: std::rc::Rc<std::cell::RefCell<Vec<i32>>>,
    /// Answers requests beyond the script.
    pub(crate) harness: Option<Harness>,
    printed: String,
    words: VecDeque<Vec<String>>,
    signal: Option<i32>,
    held: bool,
}

impl FakeSpawner {
    pub(crate) fn new(script: &[Act]) -> Self {
        Self {
            script: script.iter().copied().collect(),
            queue: VecDeque::new(),
            running: None,
            ran: Default::default(),
            asked: Default::default(),
            signals: Default::default(),
            harness: None,
            printed: String::new(),
            words: VecDeque::new(),
            signal: None,
            held: false,
        }
    }

    fn ended(&mut self, token: u64, end: End, start_nanos: u64, wall_nanos: u64) -> Event {
        self.running = None;
        self.signal = None;
        self.held = end != End::Exited(0);
        let mut ended = ended(end, &std::mem::take(&mut self.printed));
        (ended.token, ended.held) = (token, self.held);
        (ended.start_nanos, ended.end_nanos) = (start_nanos, start_nanos + wall_nanos);
        (ended.user_nanos, ended.system_nanos) = (wall_nanos / 2, wall_nanos / 4);
        Event::Ended(Box::new(ended))
    }

    /// What the next program does.
    fn act(&mut self, words: &[String]) -> Act {
        let well = Act::Ends { end: End::Exited(0), wall_nanos: 1_000_000 };
        match (self.script.pop_front(), self.harness) {
            (Some(act), _) => act,
            (None, None) => well,
            (None, Some(harness)) => match harness(words) {
                None => Act::Hangs { ignores_term: false },
                Some(printed) => {
                    self.printed = printed;
                    well
                }
            },
        }
    }
}

/// A program that ended so, and had printed this.
pub(crate) fn ended(end: End, printed: &str) -> Ended {
    let mut stdout = Tail::keeping(OUTPUT_BYTES_MAX);
    stdout.push(printed.as_bytes());
    Ended {
        token: 1,
        pid: 1,
        start_nanos: 0,
        end_nanos: 1_000_000,
        end,
        user_nanos: 500_000,
        system_nanos: 250_000,
        peak_rss_kb: 1000,
        minor_faults: 1,
        major_faults: 0,
        voluntary_switches: 1,
        involuntary_switches: 0,
        run_delay_nanos: Some(0),
        run_nanos: 0,
        stops: Some(0),
        leaked: 0,
        survivors: 0,
        stdout,
        stderr: Tail::default(),
        held: false,
    }
}

impl Spawner for FakeSpawner {
    fn submit(&mut self, token: u64, program: &Program, _: bool) -> Result<(), SpawnError> {
        let word = |word: &CString| word.to_string_lossy().into_owned();
        self.words.push_back(program.argv.iter().map(word).collect());
        self.asked.borrow_mut().push(program.clone());
        self.queue.push_back(token);
        Ok(())
    }

    fn has_event(&self) -> bool {
        false
    }

    fn wait(&mut self, until_nanos: Option<u64>) -> Result<Event, SpawnError> {
        if self.running.is_none()
            && !self.held
            && let Some(token) = self.queue.pop_front()
        {
            let words = self.words.pop_front().unwrap_or_default();
            let act = self.act(&words);
            self.ran.borrow_mut().push(words.last().cloned().unwrap_or_default());
            let start_nanos = monotonic_nanos();
            self.running = Some((token, act, start_nanos));
            return match act {
                Act::Ends { end, wall_nanos } => {
                    Ok(self.ended(token, end, start_nanos, wall_nanos))
                }
                Act::StarterDies => Err(SpawnError::Gone("as scripted".to_owned())),
                Act::Hangs { .. } | Act::CrossesSignal { .. } => {
                    Ok(Event::Started { token, pid: 1, start_nanos })
                }
            };
        }
        if let (Some((token, Act::Hangs { ignores_term }, start)), Some(signal)) =
            (self.running, self.signal)
            && (signal == libc::SIGKILL || !ignores_term)
        {
            return Ok(self.ended(token, End::Signaled(signal), start, monotonic_nanos() - start));
        }
        if let (Some((token, Act::CrossesSignal { wall_nanos }, start)), Some(_)) =
            (self.running, self.signal)
        {
            return Ok(self.ended(token, End::Exited(0), start, wall_nanos));
        }
        match until_nanos {
            // Time passes as fast as it is waited for: scripted deadlines are short.
            Some(until) => {
                let left = until.saturating_sub(monotonic_nanos());
                std::thread::sleep(std::time::Duration::from_nanos(left));
                Ok(Event::Due)
            }
            None => Ok(Event::Woken),
        }
    }

    fn signal(&mut self, _: u64, signal: i32) -> Result<(), SpawnError> {
        self.signals.borrow_mut().push(signal);
        self.signal = Some(signal);
        Ok(())
    }

    fn go_on(&mut self, next: Next) -> Result<(), SpawnError> {
        self.held = false;
        if let Next::DiscardThrough(token) = next {
            self.queue.retain(|queued| *queued > token);
        }
        Ok(())
    }

    fn floor_kb(&self) -> Option<u64> {
        Some(100)
    }

    fn name(&self) -> &'static str {
        "fake"
    }

    fn nothing(&self) -> Option<Program> {
        Some(Program::nothing())
    }

    fn shares_machine(&self) -> bool {
        true
    }

    fn watched(&mut self) -> Result<Vec<std::os::fd::BorrowedFd<'_>>, SpawnError> {
        Ok(Vec::new())
    }
}
