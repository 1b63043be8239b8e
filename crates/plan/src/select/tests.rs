use super::*;
use camino::Utf8Path;

const MANIFEST: &str = r#"
[[workload]]
name = "gzip/level"
command = ["gzip", "-{level}"]
params.level = [1, 6, 9]
tags = ["fast", "io"]

[[workload]]
name = "sort"
command = "sort corpus.txt"
tags = ["slow"]

[[workload]]
name = "grep/[x]"
command = "grep x corpus.txt"
"#;

/// What is left of three workloads' five points, or the message.
fn check(filters: &[&str], tags: &[&str]) -> String {
    check_of(MANIFEST, filters, tags)
}

fn check_of(manifest: &str, filters: &[&str], tags: &[&str]) -> String {
    let manifest = crate::parse(
        "tacho.toml",
        manifest.as_bytes(),
        Utf8Path::new(""),
        &crate::Defaults::default(),
    )
    .unwrap();
    let mut plan = manifest.plan(&crate::Flags::default()).unwrap();
    let whole = plan.clone();
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    match select(&mut plan, &owned(filters), &owned(tags)) {
        Ok(unmatched) => {
            let left = plan.points.iter().map(|point| point.point.to_string());
            let left = left.collect::<Vec<_>>().join(" ");
            unmatched.iter().fold(left, |told, nothing| format!("{told}; {nothing}"))
        }
        Err(nothing) => {
            assert_eq!(plan, whole);
            nothing.to_string()
        }
    }
}

#[test]
fn selections() {
    let gzip = "gzip/level{level=1} gzip/level{level=6} gzip/level{level=9}";
    for (filters, tags, expected) in [
        (&["gzip"][..], &[][..], gzip),
        (&["level=6"], &[], "gzip/level{level=6}"),
        (&["level{level=6}"], &[], "gzip/level{level=6}"),
        (
            &["level=[1-6]*"],
            &[],
            "no point is selected by `level=[1-6]*`; there are grep/[x], gzip/level, sort",
        ),
        (&["*level=[1-6]}"], &[], "gzip/level{level=1} gzip/level{level=6}"),
        (&["*/level"], &[], gzip),
        (&["[x]"], &[], "grep/[x]"),
        (&["sort", "level=9"], &[], "gzip/level{level=9} sort"),
        (&[], &["io"], gzip),
        (&["sort", "gzpi"], &[], "sort; no point is selected by `gzpi`; there is gzip/level"),
        (&[], &["slow", "fats"], "sort; no point is selected by the tag `fats`; there is fast"),
        (&["9", "sort"], &["fast"], "gzip/level{level=9}"),
        (&["gzpi"], &[], "no point is selected by `gzpi`; there is gzip/level"),
        (
            &["srt", "grap"],
            &[],
            "no point is selected by `srt` or `grap`; there are grep/[x], sort",
        ),
        (&[], &["fats"], "no point is selected by the tag `fats`; there is fast"),
        (&["sort"], &["io"], "no point is selected by `sort` with the tag `io`; there is io"),
    ] {
        assert_eq!(check(filters, tags), expected, "{filters:?} {tags:?}");
    }
    assert_eq!(check(&[], &[]).split(' ').count(), 5);
}

#[test]
fn tags_where_there_are_none() {
    let manifest = "[[workload]]\nname = \"a\"\ncommand = [\"true\"]\n";
    for (filters, expected) in [
        (&[][..], "no point is selected by the tag `zz`; no workload has `tags`"),
        (&["a"], "no point is selected by `a` with the tag `zz`; no workload has `tags`"),
        (&["b"], "no point is selected by `b` with the tag `zz`; there is a"),
    ] {
        assert_eq!(check_of(manifest, filters, &["zz"]), expected, "{filters:?}");
    }
}
