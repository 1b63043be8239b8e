//! What is wrong with a manifest, and where: many manifests through one door.

use camino::Utf8Path;
use tacho_plan::{Defaults, Flags, MANIFEST_BYTES_MAX, parse};

/// Manifests, each with what it is answered behind `=>`, `----` between them.
const GOLDEN: &str = include_str!("data/problems.txt");

/// Reads and plans a manifest two levels below the project's root.
fn check(manifest: &[u8]) -> String {
    let planned =
        parse("tacho.toml", manifest, Utf8Path::new("examples/quick"), &Defaults::default())
            .and_then(|manifest| manifest.plan(&Flags::default()));
    match planned {
        Ok(plan) => format!("fine, points: {}", plan.points.len()),
        Err(problems) => problems.to_string(),
    }
}

#[test]
fn golden() {
    let mut found = String::new();
    for case in GOLDEN.split_terminator("----\n") {
        let (manifest, _) = case.split_once("=>\n").expect("a case has a manifest and an answer");
        found += &format!("{manifest}=>\n{}\n----\n", check(manifest.as_bytes()));
    }
    assert_eq!(found, GOLDEN);
}

#[test]
fn bytes() {
    assert_eq!(check(b"[project]\nname = \"\xff\""), "tacho.toml:2:9: this is no UTF-8 text");
    assert_eq!(
        check(&vec![b'#'; MANIFEST_BYTES_MAX + 1]),
        "tacho.toml:1:1: a manifest of 4,194,305 bytes is over the 4,194,304 allowed"
    );
}
