//! Words that a parent may send, and those that nobody understands.

use super::*;
use crate::wire::list;

fn parse(words: &str) -> Result<Request, String> {
    Request::parse(&words.split_whitespace().map(OsString::from).collect::<Vec<_>>())
}

fn refused(words: &str, why: &str) {
    let refusal = parse(words).expect_err(words);
    assert!(refusal.contains(why), "{words}: {refusal}");
}

#[test]
fn requests_are_read() {
    let check = |words, expected: Request| assert_eq!(parse(words), Ok(expected), "{words}");
    let bench = || "g/w".to_owned();
    check(
        "--bench g/w --param 8 --target-nanos 5 --cache-mode warm --threads 2 --env-json {}",
        Request {
            bench: bench(),
            param: Some(8),
            target_nanos: Some(5),
            cold: Some(false),
            threads: Some(2),
            ..Request::default()
        },
    );
    check(
        "--fixed --min-total-nanos 7 --cache-mode=cold --repeat-index 3 --bench g/w",
        Request {
            bench: bench(),
            fixed: true,
            repeat_index: 3,
            target_nanos: Some(7),
            cold: Some(true),
            ..Request::default()
        },
    );
    check("--bench g/w", Request { bench: bench(), ..Request::default() });
}

#[test]
fn other_words_are_refused() {
    refused("", "--bench NAME is missing");
    refused("--bench", "--bench has no value");
    refused("--bench g/w --param", "--param has no value");
    refused("--bench g/w --param -1", "whole number");
    refused("--bench g/w --param 1e3", "--param 1e3: it takes a whole number");
    refused("--bench g/w --param 18446744073709551616", "whole number");
    refused("--bench g/w --cache-mode hot", "warm or cold");
    refused("--bench g/w --threads 0", "1 to 4096");
    refused("--bench g/w --threads 99999", "1 to 4096");
    refused("--bench g/w --parm 1", "unknown word --parm: did you mean --param?");
    refused("--bench g/w -x", "unknown word -x");
    refused("--bench g/w more", "unknown word more");
    refused("--bench g/w --fixed=yes", "--fixed");
}

#[test]
fn a_request_goes_with_its_workload() {
    let workloads = [
        Workload::fixed("g/fixed", |_| {}),
        Workload::parametric("g/ladder", Params::List(vec![1]), |_, _| {}),
        {
            let mut broken = Workload::fixed("g/broken", |_| {});
            broken.error = Some("g/broken is broken".to_owned());
            broken
        },
    ];
    let found = |words: &str| {
        let request = parse(words).expect(words);
        request.find(&workloads).map(|(workload, param)| (workload.name.clone(), param))
    };
    assert_eq!(found("--bench g/fixed --fixed"), Ok(("g/fixed".to_owned(), 0)));
    assert_eq!(found("--bench g/fixed"), Ok(("g/fixed".to_owned(), 0)));
    assert_eq!(found("--bench g/ladder --param 7"), Ok(("g/ladder".to_owned(), 7)));
    let check = |words, why: &str| {
        let refusal = found(words).expect_err(words);
        assert!(refusal.contains(why), "{words}: {refusal}");
    };
    check("--bench g/ladder", "--param N is missing");
    check("--bench g/ladder --fixed --param 1", "--fixed does not go");
    check("--bench g/fixed --param 1", "takes no --param");
    check("--bench g/fixde", "did you mean g/fixed?");
    check("--bench fixed", "did you mean g/fixed?");
    check("--bench other", "there is no workload other");
    check("--bench g/broken", "g/broken is broken");
}

#[test]
fn a_broken_workload_is_listed_with_its_error() {
    let mut broken = Workload::fixed("g/broken", |_| {});
    broken.error = Some("it is broken".to_owned());
    assert_eq!(list::line(&broken)["error"], "it is broken");
}
