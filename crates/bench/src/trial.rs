//! The run of `cargo test --benches` and of `--test`: each benchmark is called once, and what is
//! printed is what libtest prints.

use std::io::{self, Write};
use std::time::Duration;

use crate::reply::{Failure, Request};
use crate::suite::{self, LIMIT, Measure, Tally};
use crate::{Workload, summary};

/// Calls each once at its smallest parameter and checks its answer; `left_out` were filtered out.
///
/// # Errors
/// Where the lines cannot be printed.
pub(crate) fn run(
    workloads: &[&Workload],
    left_out: usize,
    measure: &mut Measure<'_>,
    out: &mut dyn Write,
) -> io::Result<Tally> {
    let plural = if workloads.len() == 1 { "" } else { "s" };
    writeln!(out, "\nrunning {} test{plural}", workloads.len())?;
    let mut failures: Vec<(&str, Failure)> = Vec::new();
    for workload in workloads {
        write!(out, "test {} ... ", workload.name)?;
        out.flush()?;
        match call(workload, measure) {
            Ok(()) => writeln!(out, "ok")?,
            Err(failure) => {
                writeln!(out, "FAILED")?;
                failures.push((&workload.name, failure));
            }
        }
    }
    tell(&failures, out)?;
    let word = if failures.is_empty() { "ok" } else { "FAILED" };
    let passed = workloads.len() - failures.len();
    writeln!(
        out,
        "\ntest result: {word}. {passed} passed; {} failed; 0 ignored; 0 measured; \
         {left_out} filtered out\n",
        failures.len()
    )?;
    let failed = failures.iter().map(|(name, _)| (*name).to_owned()).collect();
    Ok(Tally { benchmarks: workloads.len(), failed })
}

fn call(workload: &Workload, measure: &mut Measure<'_>) -> Result<(), Failure> {
    if let Some(error) = &workload.error {
        return Err(Failure::Refused(error.clone()));
    }
    let request = Request {
        name: &workload.name,
        param: suite::smallest(workload),
        threads: workload.threads.first().copied(),
        cold: workload.cold,
        index: 0,
        target_nanos: 1,
        limit: workload.cap_nanos.map_or(LIMIT, |cap| Duration::from_nanos(cap).max(LIMIT)),
    };
    let batch = measure(&request)?;
    summary::check(workload, request.param, batch.hash.as_deref())
}

fn tell(failures: &[(&str, Failure)], out: &mut dyn Write) -> io::Result<()> {
    if failures.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nfailures:\n")?;
    for (name, failure) in failures {
        writeln!(out, "---- {name} ----\n{failure}\n")?;
    }
    writeln!(out, "\nfailures:")?;
    failures.iter().try_for_each(|(name, _)| writeln!(out, "    {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::Batch;
    use crate::{Expected, Params};

    #[test]
    fn it_prints_what_libtest_prints() {
        let mut wrong = Workload::fixed("a/wrong", |_| {});
        wrong.expected = Expected::Always(2);
        let mut refused = Workload::fixed("a/refused", |_| {});
        refused.error = Some("a/refused is registered 2 times".to_owned());
        let rungs = Params::Ladder { low: 4, high: 64, step: None };
        let mut ladder = Workload::parametric("a/ladder", rungs, |_, _| {});
        ladder.expected = Expected::At(vec![(4, 1)]);
        let workloads = [Workload::fixed("a/fixed", |_| {}), ladder, wrong, refused];
        let mut asked = Vec::new();
        let mut measure = |request: &Request<'_>| {
            asked.push((request.name.to_owned(), request.param, request.target_nanos));
            Ok(Batch { hash: Some("0x1".to_owned()), ..Batch::default() })
        };
        let mut out = Vec::new();
        let all: Vec<&Workload> = workloads.iter().collect();
        let tally = run(&all, 3, &mut measure, &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
        assert_eq!(tally.failed, ["a/wrong", "a/refused"]);
        let names: Vec<(&str, Option<u64>, u64)> =
            asked.iter().map(|(name, param, nanos)| (name.as_str(), *param, *nanos)).collect();
        assert_eq!(names, [("a/fixed", None, 1), ("a/ladder", Some(4), 1), ("a/wrong", None, 1)]);
    }

    #[test]
    fn one_that_is_fine_is_ok() {
        let workloads = [Workload::fixed("a", |_| {})];
        let mut out = Vec::new();
        let mut measure = |_: &Request<'_>| Ok(Batch::default());
        run(&[&workloads[0]], 0, &mut measure, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let wanted = "\nrunning 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; \
                      0 ignored; 0 measured; 0 filtered out\n\n";
        assert_eq!(text, wanted);
    }
}
