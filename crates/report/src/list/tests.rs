use std::collections::BTreeMap;

use tacho_schema::version::Version;
use tacho_schema::{ListItem, ParamValue};

use super::*;

#[test]
fn tables() {
    let item = |point: &str, command: &str, tags: &[&str], level: Option<i64>| ListItem {
        point: point.to_owned(),
        workload: "w".to_owned(),
        command: command.to_owned(),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        params: level.map(|it| ("level".to_owned(), ParamValue::Integer(it))).into_iter().collect(),
        threads: level.map(|_| 2),
        param: None,
        variant_of: None,
    };
    let rung = |name: &str, param: u64| ListItem {
        param: Some(param),
        ..item(&format!("{name}{{param={param},threads=2}}"), "./bench", &["sort"], None)
    };
    let plain = item("sort", "sort <x |\nuniq", &[], None);
    let doc = ListDoc {
        schema_version: Version,
        points: vec![
            item("gzip/level{level=6,threads=2}", "gzip -6 corpus.txt", &["fast", "io"], Some(6)),
            ListItem { params: BTreeMap::new(), ..plain },
            rung("sort/quick", 1),
            rung("sort/quick", 2),
            rung("sort/quick", 4),
            rung("sort/quick", 1024),
            rung("sort/slow", 1),
            rung("sort/slow", 2),
        ],
    };
    for (name, width) in [("list_40", Some(40)), ("list_80", Some(80)), ("list_pipe", None)] {
        let style = Style { width, ..Style::PIPE };
        insta::assert_snapshot!(name, points(&doc, &style));
    }
}
