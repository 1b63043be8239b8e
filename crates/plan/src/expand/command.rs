//! The points of a command: the product of its parameters, threads and rungs.

use tacho_schema::{ParamValue, Point};

use super::{Job, Made, Rung, Started, Values, problem, rung, values};
use crate::layer::{Set, given};
use crate::problem::{Fault, Problem};
use crate::setting::command::Command;
use crate::setting::ladder;
use crate::values;

impl Job<'_> {
    pub(super) fn of_command<'j>(
        &'j self,
        command: &'j Set<Command>,
    ) -> impl Iterator<Item = Result<Made, Box<Problem>>> + 'j {
        // The check of the size has seen that they can be counted.
        let points = u64::try_from(self.product()).unwrap_or(u64::MAX);
        (0..points).map(|index| self.at(command, index))
    }

    /// The point at `index` of the product.
    fn at(&self, command: &Set<Command>, index: u64) -> Result<Made, Box<Problem>> {
        let climbing = self.workload.ladder.as_ref().map(|set| &set.value);
        let rungs = climbing.map_or(1, |it| u64::try_from(it.rungs.count()).unwrap_or(u64::MAX));
        let (index, place) = (index / rungs.max(1), index % rungs.max(1));
        let param = climbing.and_then(|climbing| climbing.rungs.get(place));
        let each = self.threads.len().max(1) as u64;
        let threads = usize::try_from(index % each).ok().and_then(|it| self.threads.get(it));
        let threads = threads.copied();
        let params: Values =
            values::choice(&self.workload.params, index / each).into_iter().collect();
        let mut values = values(&params, threads);
        let text = |param: u64| ParamValue::Text(param.to_string());
        let filled = self.workload.name.fill(&values);
        let name = filled.map_err(|fault| problem(&self.workload.name_at, "name", fault))?;
        values.extend(param.map(|param| (ladder::NAME.to_owned(), text(param))));
        let point = Point { params, param, threads, ..Point::named(name) };
        let bounds = if climbing.is_some() { &self.rung_bounds } else { &self.bounds };
        let started = self.started(command, &values)?;
        let mut planned = self.planned(started, (&values, threads), bounds, point)?;
        let rung = climbing.map_or(Rung::No, |climbing| {
            rung(climbing, place, &mut planned, bounds.cap_nanos(None))
        });
        Ok(Made { planned, rung })
    }

    fn started(&self, command: &Set<Command>, values: &Values) -> Result<Started, Box<Problem>> {
        let Set { value, at, .. } = command;
        let shell = given(&self.settings.shell).value.as_ref();
        let filled = value.fill(values, shell.map(Vec::as_slice));
        let filled = filled.map_err(|fault| problem(at, "command", fault))?;
        let has_program = filled.argv.first().is_some_and(|program| !program.trim().is_empty());
        if !has_program || filled.text.trim().is_empty() {
            return Err(problem(at, "command", Fault::EmptyCommand));
        }
        let shell = shell.filter(|_| filled.through_shell).cloned();
        Ok(Started { command: filled.text, argv: filled.argv, shell })
    }
}
