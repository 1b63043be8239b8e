//! What runs around measurements: set-up and clean-up once, prepare and conclude with every run.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use tacho_schema::{Hook, Row, Status};

use crate::child::{Finished, Forced, NO_TIMEOUT_NANOS};
use crate::commands::hook_program;
use crate::outcome::{output_tail, row_of};
use crate::spawn::{End, Ended, SpawnError};

use super::{Phase, Run};

fn counted(processes: u64) -> String {
    if processes == 1 { "1 process".to_owned() } else { format!("{processes} processes") }
}

/// Which hook of a run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    Prepare,
    Conclude,
}

/// A hook that is shared: the same text, folder and environment.
type Shared<'a> = (&'a Hook, &'a str, &'a BTreeMap<String, String>);

impl<'a> Run<'a> {
    /// Runs each distinct set-up of `members` once. Returns the members that may be measured and
    /// those whose clean-up is due: all whose set-up was begun.
    pub(super) fn set_up(&mut self, members: &[usize]) -> Result<Vec<usize>, SpawnError> {
        self.phase = Phase::Setup;
        let mut done: BTreeMap<Shared<'a>, Option<Row>> = BTreeMap::new();
        let mut begun = Vec::new();
        for &index in members {
            if self.stop.is_some() {
                break;
            }
            if self.points[index].over || self.points[index].planned.refused.is_some() {
                continue;
            }
            self.current = index;
            begun.push(index);
            let planned = self.points[index].planned;
            if let Some(why) = &self.points[index].unreadable {
                let row = self.failed_row(index, format!("cannot read its output: {why}"), None);
                self.fail(index, row);
                continue;
            }
            if let Some(hook) = &planned.setup {
                let failure = match done.entry((hook, &planned.dir, &planned.env)) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(new) => new.insert(self.hook_failure(index, hook, "set-up")?),
                };
                if let Some(failure) = failure {
                    let row = self.failure_of(index, failure);
                    self.fail(index, row);
                    continue;
                }
            }
            // What prepare makes is looked for after prepare.
            if self.stop.is_none() && planned.prepare.is_none() {
                self.find_again(index, "its set-up");
            }
        }
        Ok(begun)
    }

    /// Runs each distinct clean-up of `members` once, whatever was measured.
    pub(super) fn clean_up(&mut self, members: &[usize]) -> Result<(), SpawnError> {
        self.phase = Phase::Cleanup;
        let mut done: std::collections::BTreeSet<Shared<'a>> = std::collections::BTreeSet::new();
        for &index in members {
            let planned = self.points[index].planned;
            let Some(hook) = &planned.cleanup else { continue };
            if !done.insert((hook, &planned.dir, &planned.env)) {
                continue;
            }
            self.current = index;
            if let Some(failure) = self.hook_failure(index, hook, "clean-up")? {
                self.troubles.push(format!(
                    "`{}`: {}; what it was to remove may still be there",
                    planned.point,
                    failure.error.unwrap_or_default(),
                ));
            }
        }
        Ok(())
    }

    /// Runs the point's prepare or conclude, if it has one; false when the point cannot go on.
    pub(super) fn run_hook(&mut self, index: usize, which: Around) -> Result<bool, SpawnError> {
        let point = &self.points[index];
        let (hook, word) = match which {
            Around::Prepare => (&point.planned.prepare, "prepare"),
            Around::Conclude => (&point.planned.conclude, "conclude"),
        };
        let Some(hook) = hook else { return Ok(true) };
        self.land_all()?;
        if self.stop.is_some() && which == Around::Prepare {
            return Ok(false);
        }
        match self.hook_failure(index, hook, word)? {
            None => Ok(self.stop.is_none()),
            Some(row) => {
                self.fail(index, row);
                Ok(false)
            }
        }
    }

    /// Runs `hook`; the row that tells of its failure, if it failed.
    fn hook_failure(
        &mut self,
        index: usize,
        hook: &'a Hook,
        word: &str,
    ) -> Result<Option<Row>, SpawnError> {
        let planned = self.points[index].planned;
        let known = self.points[index].hook_programs.iter().find(|(of, _)| *of == hook);
        let found = match known {
            Some((_, program)) => Ok(program.clone()),
            None => hook_program(hook, planned, self.setting.base, self.setting.surroundings),
        };
        let program = match found {
            Ok(program) => program,
            Err(error) => {
                let text = format!("{word} `{}` cannot run: {error}", hook.text);
                return Ok(Some(self.failed_row(index, text, None)));
            }
        };
        // The run's budget and Ctrl-C end it.
        self.pool.start_on(0, &program, NO_TIMEOUT_NANOS, false)?;
        if known.is_none() {
            self.points[index].hook_programs.push((hook, program));
        }
        let Some((_, finished)) = self.next_finished()? else { return Ok(None) };
        self.tell_leaks(&finished.ended, &format!("{word} `{}` of `{}`", hook.text, planned.point));
        let how = match finished.ended.end {
            _ if finished.forced == Some(Forced::Cancelled) => return Ok(None),
            End::Exited(0) => return Ok(None),
            End::Exited(code) => format!("failed with exit code {code}"),
            End::Signaled(signal) => format!("was ended by {}", crate::outcome::name(signal)),
            End::NotStarted { step, errno } => {
                format!("cannot {step}: {}", std::io::Error::from_raw_os_error(errno))
            }
        };
        let text = format!("{word} `{}` {how}", hook.text);
        Ok(Some(self.failed_row(index, text, Some(&finished))))
    }

    /// Tells of what `who` left running; of a measured run only what could not be killed, since its
    /// row has the others.
    pub(super) fn tell_leaks(&mut self, ended: &Ended, who: &str) {
        if ended.leaked > 0 {
            let processes = counted(ended.leaked);
            self.troubles.push(format!("{processes} outlived {who}, and had to be killed"));
        }
        self.tell_survivors(ended, who);
    }

    /// Tells of what `who` left running and nobody could kill.
    pub(super) fn tell_survivors(&mut self, ended: &Ended, who: &str) {
        if ended.survivors > 0 {
            let processes = counted(ended.survivors);
            self.troubles.push(format!(
                "{processes} of {who} could not be killed and may disturb what is measured"
            ));
        }
    }

    /// The row of a point that could not be measured.
    pub(super) fn failed_row(
        &self,
        index: usize,
        error: String,
        finished: Option<&Finished>,
    ) -> Row {
        let point = &self.points[index];
        let ended = finished.map(|finished| &finished.ended);
        let nanos = ended.map_or(0, Ended::span);
        let mut row = row_of(&point.planned.point, point.batches, nanos, Status::Error);
        row.error = Some(error);
        row.process = Some(self.processes);
        if let Some(ended) = ended {
            row.leaked = Some(ended.leaked);
            row.output_tail = Some(output_tail(&ended.stdout, &ended.stderr));
        }
        row
    }

    /// The failure of a shared set-up, told for another point.
    fn failure_of(&self, index: usize, failure: &Row) -> Row {
        let mut row = self.failed_row(index, failure.error.clone().unwrap_or_default(), None);
        row.total_nanos = failure.total_nanos;
        row.output_tail.clone_from(&failure.output_tail);
        row
    }

    pub(super) fn fail(&mut self, index: usize, row: Row) {
        let rows = [row];
        self.points[index].record(0, &rows);
        self.lift_limits(index);
        self.processes += 1;
        let since = self.watch.last();
        self.emit_rows(index, rows.into(), since);
    }
}
