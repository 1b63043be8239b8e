//! Nothing that stands in a manifest makes the planner panic.

use camino::Utf8Path;
use proptest::prelude::*;
use tacho_plan::{
    AdHoc, AdHocCommand, Defaults, Flags, HarnessSource, Listing, Manifest, Outside, OutsideSource,
    Problems, Supplied, Values, parse, parse_list,
};

const MANIFEST: &str = include_str!("data/everything.toml");

/// What a harness lists: everything that a line may hold.
const LISTED: &str = include_str!("data/listing.jsonl");

/// Reads a manifest, and gives it two values for each parameter from outside, and `listed` from
/// each harness.
fn read(bytes: &[u8], listed: &str) -> Result<Manifest, Problems> {
    let mut manifest = parse("tacho.toml", bytes, Utf8Path::new("a"), &Defaults::default())?;
    let wanted = manifest.outside()?;
    let found: Vec<_> = wanted.into_iter().map(|it| (it.clone(), supplied(&it, listed))).collect();
    manifest.supply(&found)?;
    Ok(manifest)
}

fn supplied(outside: &Outside, listed: &str) -> Supplied {
    let text = match &outside.source {
        OutsideSource::Harness(HarnessSource::Program { .. }) => listed,
        OutsideSource::Harness(HarnessSource::Cargo(_)) => {
            "{\"schema_version\":1,\"name\":\"of cargo\",\"kind\":\"fixed\"}"
        }
        _ => return Supplied::Text("x\ny\n".to_owned()),
    };
    Supplied::Listings(vec![Listing {
        argv: vec!["/x/bench".to_owned()],
        dir: ".".to_owned(),
        name: "bench".to_owned(),
        text: text.to_owned(),
    }])
}

fn check(bytes: &[u8]) {
    let planned = read(bytes, LISTED).and_then(|manifest| {
        let told = manifest.shown(&Flags::default(), &[]);
        assert!(told.is_ok_and(|sections| !sections.is_empty()));
        manifest.plan(&Flags::default())
    });
    match planned {
        Ok(plan) => assert!(!plan.points.is_empty()),
        Err(problems) => {
            assert!(problems.found() >= problems.kept().len() && !problems.kept().is_empty());
            assert!(problems.to_string().starts_with("tacho.toml:"), "{problems}");
        }
    }
}

#[test]
fn the_whole_manifest_is_right() {
    let manifest = read(MANIFEST.as_bytes(), LISTED).unwrap();
    assert_eq!(manifest.project(), Some("sx"));
    let plan = manifest.plan(&Flags::default()).unwrap();
    assert_eq!(plan.points.iter().filter(|it| it.refused.is_some()).count(), 0);
    assert_eq!((plan.points.len(), plan.ladders.len()), (17 + 19 + 1 + 4 + 8, 5));
}

/// Whatever a harness prints, each of its workloads is planned or refused by its name, unless it
/// lists none at all.
fn check_listing(listed: &str) {
    let manifest = "[[workload]]\nharness = \"./bench\"";
    match read(manifest.as_bytes(), listed).and_then(|it| it.plan(&Flags::default())) {
        Ok(plan) => {
            assert!(!plan.points.is_empty());
            for point in &plan.points {
                let wire = point.wire.as_ref().expect("a harness is asked over the wire");
                assert!(wire.target_nanos > 0 && point.command.contains("_child"));
                assert_ne!(point.refused.as_deref(), Some(""));
            }
        }
        Err(problems) => {
            let told = problems.to_string();
            let may_be = ["lists no workload", "points are over"];
            assert!(may_be.iter().any(|it| told.contains(it)), "{told}");
        }
    }
}

#[test]
fn deep_and_long() {
    check(format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes());
    check("[[workload]]\nx = 1\n".repeat(10_000).as_bytes());
    check(format!("a{} = 1", ".a".repeat(100_000)).as_bytes());
}

proptest! {
    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        check(&bytes);
    }

    #[test]
    fn random_text(text in "[\\[\\]={}\"'a-z0-9 .,\n%µ-]{0,200}") {
        check(text.as_bytes());
    }

    #[test]
    fn mutations(
        place in 0..MANIFEST.len(),
        removed in 0_usize..12,
        written in "[\\[\\]={}\"'a-z0-9 .,\n%µ\\\\-]{0,6}",
    ) {
        let mut bytes = MANIFEST.as_bytes().to_vec();
        let end = (place + removed).min(bytes.len());
        bytes.splice(place..end, written.bytes());
        check(&bytes);
    }

    #[test]
    fn random_listings(text in any::<String>()) {
        check_listing(&text);
    }

    #[test]
    fn mutated_listings(
        place in 0..LISTED.len(),
        removed in 0_usize..12,
        written in "[\\[\\]{}:\"'a-z0-9 .,\n%µ\\\\-]{0,6}",
    ) {
        let mut bytes = LISTED.as_bytes().to_vec();
        let end = (place + removed).min(bytes.len());
        bytes.splice(place..end, written.bytes());
        check_listing(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_commands(line in any::<String>(), list in any::<String>(), no_shell: bool) {
        let ad_hoc = AdHoc {
            commands: vec![AdHocCommand::Line(line)],
            params: vec![("p".to_owned(), Values::List(parse_list(&list)))],
            ..AdHoc::default()
        };
        match ad_hoc.plan(&Flags { no_shell, ..Flags::default() }) {
            Ok(plan) => prop_assert!(plan.points.iter().all(|point| !point.argv.is_empty())),
            Err(problems) => prop_assert!(!problems.to_string().is_empty()),
        }
    }

    /// No text is both a duration and a percentage.
    #[test]
    fn random_flags(text in any::<String>()) {
        let text = Some(text);
        let flags = Flags {
            timeout: text.clone(),
            precision: text.clone(),
            launcher: text.clone(),
            ignore_failure: text.clone(),
            shell: text.clone(),
            output: text.clone(),
            memory_max: text.clone(),
            cpus: text.clone(),
            quiet_wait: text.clone(),
            batch_time: text.clone(),
            cap: text.clone(),
            env: text.into_iter().collect(),
            ..Flags::default()
        };
        let ad_hoc = AdHoc {
            commands: vec![AdHocCommand::Line("true".to_owned())],
            ..AdHoc::default()
        };
        prop_assert!(ad_hoc.plan(&flags).is_err_and(|problems| problems.found() > 0));
    }
}
