use tacho_schema::{CaptureId, CaptureState, CutShort, Environment, Status};

use super::*;
use crate::fixture::{ended, header};

fn render(style: &Style) -> String {
    let good = header();
    let mut bad = header();
    bad.id = CaptureId::new("20261120-180000-00ff").unwrap();
    bad.env = Environment::default();
    bad.invocation = ["tacho", "run", "-N", "it's\n1", "", "--runs=6", "sort big.txt"]
        .map(str::to_owned)
        .to_vec();
    let done = ended(&[(Status::Ok, 120)]);
    let mut cut = ended(&[(Status::Ok, 30), (Status::TimedOut, 4)]);
    cut.state = CaptureState::CutShort;
    cut.cut_short = Some(CutShort::Interrupted);
    let names = ["main".to_owned(), "release/1.2".to_owned()];
    let entries = [
        HistoryEntry {
            header: &good,
            summary: &done,
            started: "2026-11-21 09:45",
            baselines: &names,
        },
        HistoryEntry { header: &bad, summary: &cut, started: "2026-11-20 18:00", baselines: &[] },
    ];
    captures(&entries, style)
}

#[test]
fn captures_table() {
    for width in [Some(60), Some(80), Some(120), None] {
        let name = width.map_or("history_pipe".to_owned(), |width| format!("history_{width}"));
        insta::assert_snapshot!(name, render(&Style { width, ..Style::PIPE }));
    }
    let color = Style { width: Some(120), color: true, unicode: false, ..Style::PIPE };
    insta::assert_snapshot!("history_color", render(&color));
}

/// A column without a word in it does not take the place of one that has some.
#[test]
fn empty_columns_go_first() {
    let (header, done) = (header(), ended(&[(Status::Ok, 120)]));
    let started = "2026-11-21 09:45:12";
    let entry = HistoryEntry { header: &header, summary: &done, started, baselines: &[] };
    for width in [60, 80, 100] {
        let style = Style { width: Some(width), ..Style::PIPE };
        insta::assert_snapshot!(format!("no_baselines_{width}"), captures(&[entry], &style));
    }
}

#[test]
fn baselines_table() {
    let one = |name: &str| Baseline {
        name: name.to_owned(),
        capture: header().id,
        saved_unix_ms: 1_795_254_400_000,
    };
    let (main, long) = (one("main"), one("release/2026-11-before-the-new-allocator"));
    let entries =
        [&main, &long].map(|baseline| BaselineEntry { baseline, saved: "2026-11-21 09:46" });
    insta::assert_snapshot!(
        "baselines_60",
        baselines(&entries, &Style { width: Some(60), ..Style::PIPE })
    );
    insta::assert_snapshot!("baselines_pipe", baselines(&entries, &Style::PIPE));
}

#[test]
fn nothing_yet() {
    assert!(captures(&[], &Style::PIPE).contains("`tacho run`"));
    assert!(baselines(&[], &Style::PIPE).contains("`tacho baseline save NAME`"));
}
