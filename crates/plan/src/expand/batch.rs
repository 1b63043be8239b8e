//! The points of a harness: each of its workloads at its parameters and numbers of threads.

use tacho_schema::{CacheMode, PlannedPoint, Point, WireBatch};

use super::{Job, Made, Rung, Started, Values, rung};
use crate::harness::{Batches, Harness, Params, Registered, Words};
use crate::layer::{Bounds, Layer, given};
use crate::problem::Problem;
use crate::setting::{dir, words};

impl Job<'_> {
    pub(super) fn of_harness<'j>(
        &'j self,
        harness: &'j Harness,
    ) -> impl Iterator<Item = Result<Made, Box<Problem>>> + 'j {
        harness.workloads().iter().flat_map(move |registered| {
            // The check of the size has seen that they can be counted.
            let points = u64::try_from(registered.points()).unwrap_or(u64::MAX);
            (0..points).map(move |index| match &registered.batches {
                Ok(batches) => self.batch(registered, batches, index),
                Err(why) => self.refused(registered, why),
            })
        })
    }

    /// The point at `index` of a workload's; its parameter changes fastest.
    fn batch(
        &self,
        registered: &Registered,
        batches: &Batches,
        index: u64,
    ) -> Result<Made, Box<Problem>> {
        let rungs = u64::try_from(batches.params.count()).unwrap_or(u64::MAX).max(1);
        let (param, place) = (batches.params.get(index % rungs), index % rungs);
        let threads = usize::try_from(index / rungs).ok().and_then(|it| batches.threads.get(it));
        let point = Point {
            param,
            threads: threads.copied(),
            cache_mode: batches.cache_mode,
            ..Point::named(registered.name.clone())
        };
        let bounds = match batches.params {
            Params::Ladder(_) => &self.rung_bounds,
            Params::Fixed | Params::Plain(_) => &self.bounds,
        };
        let mut planned = self.asked(registered, &batches.bench, point, bounds)?;
        let rung = match &batches.params {
            Params::Ladder(climbing) => {
                rung(climbing, place, &mut planned, bounds.cap_nanos(batches.cap_nanos))
            }
            Params::Fixed | Params::Plain(_) => Rung::No,
        };
        for tag in &batches.tags {
            if !planned.tags.contains(tag) {
                planned.tags.push(tag.clone());
            }
        }
        let of_param = param.and_then(|param| batches.hashes.get(&param));
        planned.variant_of.clone_from(&batches.variant_of);
        planned.wire = Some(WireBatch {
            bench: batches.bench.clone(),
            launcher_words: given(&self.settings.launcher).value.len(),
            target_nanos: bounds.batch_nanos(batches.target_nanos, planned.timeout_nanos),
            expected_hash: of_param.or(batches.hash.as_ref()).cloned(),
            throughput: batches.throughput.clone(),
            preview: false,
        });
        Ok(Made { planned, rung })
    }

    /// A point that stands for a workload which cannot be measured.
    fn refused(&self, registered: &Registered, why: &str) -> Result<Made, Box<Problem>> {
        let name = registered.name.as_str();
        let point = Point::named(registered.name.clone());
        let mut planned = self.asked(registered, name, point, &self.bounds)?;
        planned.refused = Some(why.to_owned());
        planned.wire = Some(WireBatch {
            bench: name.to_owned(),
            launcher_words: 0,
            target_nanos: self.bounds.batch_nanos(None, planned.timeout_nanos),
            expected_hash: None,
            throughput: None,
            preview: false,
        });
        Ok(Made { planned, rung: Rung::No })
    }

    /// A point of a program that is asked for `bench`.
    fn asked(
        &self,
        registered: &Registered,
        bench: &str,
        point: Point,
        bounds: &Bounds,
    ) -> Result<PlannedPoint, Box<Problem>> {
        let none = Values::new();
        let dir = given(&self.settings.dir);
        let is_unset = dir.layer == Layer::BuiltIn;
        let own = self.path("dir", dir, &none)?;
        let (words, argv, dir) = match &registered.program {
            Words::Named(words) => (words, started_in(&own, words, self.folders), own),
            Words::Built(argv, dir) if is_unset => (argv, argv.clone(), dir.clone()),
            Words::Built(argv, _) => (argv, argv.clone(), own),
        };
        let command = typed(words, bench, &point);
        let started = Started { command, argv, shell: None };
        let mut planned = self.planned(started, (&none, None), bounds, point)?;
        planned.dir = dir;
        Ok(planned)
    }
}

/// The words for a process that is started in `dir`.
pub(crate) fn started_in(dir: &str, words: &[String], folders: &[String]) -> Vec<String> {
    let mut words = words.to_vec();
    if let Some(program) = words.first_mut() {
        *program = dir::seen_from(dir, program, folders);
    }
    words
}

/// The words with which a reader may ask for the same, beside the manifest.
fn typed(words: &[String], bench: &str, point: &Point) -> String {
    let text = |text: &str| text.to_owned();
    let mut all = words.to_vec();
    all.extend([text("_child"), text("--bench"), text(bench)]);
    match point.param {
        Some(param) => all.extend([text("--param"), param.to_string()]),
        None => all.push(text("--fixed")),
    }
    if point.cache_mode == Some(CacheMode::Cold) {
        all.extend([text("--cache-mode"), text("cold")]);
    }
    if let Some(threads) = point.threads {
        all.extend([text("--threads"), threads.to_string()]);
    }
    words::join(&all)
}
