use super::*;
use crate::{Complexity, Step};

const STYLE: Style = Style { colors: false, unicode: true };

fn summary(median_nanos: f64) -> Summary {
    Summary {
        median_nanos,
        min_nanos: median_nanos * 0.9,
        max_nanos: median_nanos * 1.1,
        children: 12,
        hash: None,
        throughput: Some(3e9),
        peak_rss_kb: None,
        caches: None,
    }
}

/// What a table of these workloads prints.
fn printed(
    workloads: &[Workload],
    style: Style,
    print: impl FnOnce(&mut Table<&mut Vec<u8>>) -> io::Result<()>,
) -> String {
    let workloads: Vec<&Workload> = workloads.iter().collect();
    let mut out = Vec::new();
    let mut table = Table::new(&mut out, style, Layout::of(&workloads, "bench"));
    table.head("bench").unwrap();
    print(&mut table).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn names_are_arranged_by_their_parts() {
    let show = |names: &[&str]| {
        let workloads: Vec<Workload> =
            names.iter().map(|name| Workload::fixed(*name, |_| {})).collect();
        let nodes = arrange(&workloads.iter().collect::<Vec<_>>());
        fn text(nodes: &[Node<'_>]) -> String {
            let parts = nodes.iter().map(|node| {
                let own = if node.workload.is_some() { "*" } else { "" };
                let below = text(&node.nodes);
                let below = if below.is_empty() { below } else { format!("({below})") };
                format!("{}{own}{below}", node.label)
            });
            parts.collect::<Vec<_>>().join(" ")
        }
        text(&nodes)
    };
    assert_eq!(show(&["a/x", "b", "a/y"]), "a(x* y*) b*");
    assert_eq!(show(&["a", "a/x", "a/x/y"]), "a*(x*(y*))");
    assert_eq!(show(&["a/x", "a/x"]), "a(x* x*)");
    assert_eq!(show(&["a/x", "a"]), "a*(x*)");
}

/// Workloads that need every column, the last with a name that is too long beside them.
fn all_columns() -> Vec<Workload> {
    let ladder = Params::Ladder { low: 1, high: 1 << 40, step: Some(Step::Double) };
    let mut first = Workload::parametric("sorting/merge", ladder.clone(), |_, _| {});
    first.complexity = Some(Complexity::Expression("n"));
    first.variant_of = Some("sorting".to_owned());
    first.throughput = Some(Throughput::Bytes(|n| n));
    let mut second = Workload::parametric("sorting/heap", ladder, |_, _| {});
    second.variant_of = Some("sorting".to_owned());
    let long = "a_function_whose_name_says_everything_that_there_is_to_be_said_of_it";
    vec![first, second, Workload::fixed(long, |_| {})]
}

/// Prints something of everything.
fn everything(table: &mut Table<&mut Vec<u8>>) -> io::Result<()> {
    let bytes = Throughput::Bytes(|n| n);
    let first = summary(999.96);
    let (ratio, c) = (Some(1.0), Some(0.00012));
    table.branch(&[false], "sorting", "")?;
    table.branch(&[false, false], "merge", "C = time / (n)")?;
    let cells = Cells { summary: &first, ratio, c, throughput: Some(&bytes) };
    table.point(&[false, false, false], "1", &cells)?;
    table.detail(&[false, false, false], "12 processes")?;
    let big = summary(9.9999e9);
    let cells = Cells { summary: &big, ratio: Some(1234.5), c: Some(12.0), throughput: None };
    table.point(&[false, false, false], "1099511627776", &cells)?;
    table.end(&[false, false, true], "1099511627777", "over the cap of 1.000 s: it ends here")?;
    let why = "failed: exit code 101: panicked at benches/sort.rs:40:9: index out of bounds: the \
               len is 3 but the index is 99";
    table.failed(&[false, true], "heap", why)?;
    let long = "a_function_whose_name_says_everything_that_there_is_to_be_said_of_it";
    let cells = Cells { summary: &first, ratio: None, c: None, throughput: None };
    table.point(&[false], long, &cells)?;
    table.failed(&[true], long, why)
}

#[test]
fn everything_fits_eighty_columns() {
    let text = printed(&all_columns(), STYLE, everything);
    insta::assert_snapshot!(text);
    assert!(text.lines().all(|line| chars(line) <= WIDTH), "{text}");
}

#[test]
fn without_unicode_it_is_plain_ascii() {
    let text = printed(&all_columns(), Style { colors: false, unicode: false }, everything);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn colours_change_nothing_but_colours() {
    let plain = printed(&all_columns(), STYLE, everything);
    let coloured = printed(&all_columns(), Style { colors: true, unicode: true }, everything);
    assert!(coloured.contains("\u{1b}[31mfailed"), "{coloured:?}");
    let mut bare = coloured;
    for code in ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m"] {
        bare = bare.replace(code, "");
    }
    let trimmed: Vec<&str> = bare.lines().map(str::trim_end).collect();
    assert_eq!(trimmed, plain.lines().collect::<Vec<_>>());
}

#[test]
fn columns_are_there_where_they_are_needed() {
    let layout = |workloads: &[Workload]| {
        let all: Vec<&Workload> = workloads.iter().collect();
        let layout = Layout::of(&all, "bench");
        (layout.names, layout.behind)
    };
    assert_eq!(layout(&[Workload::fixed("x", |_| {})]), (15, 0));
    assert_eq!(layout(&[Workload::fixed("x".repeat(30), |_| {})]), (33, 0));
    assert_eq!(layout(&[Workload::fixed("x".repeat(99), |_| {})]), (50, 0));
    let mut lonely = Workload::fixed("x", |_| {});
    lonely.variant_of = Some("g".to_owned());
    lonely.complexity = Some(Complexity::Expression("n"));
    assert_eq!(layout(&[lonely]), (15, 0));
    assert_eq!(layout(&all_columns()), (15, 35));
    assert_eq!(layout(&[]), (15, 0));
}

#[test]
fn text_is_broken_between_words() {
    assert_eq!(wrapped("", 5), [""]);
    assert_eq!(wrapped("a bc  def ghij", 5), ["a bc", "def", "ghij"]);
    assert_eq!(wrapped("abcdefgh i", 5), ["abcde", "fgh i"]);
}
