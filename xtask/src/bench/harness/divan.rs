//! divan's tree, as it prints it.

use super::estimate::{Column, Estimate, Readings};

/// The columns of the tree; the first stands behind the function's name.
const COLUMNS: [&str; 6] = ["fastest", "slowest", "median", "mean", "samples", "iters"];
const MEDIAN: usize = 2;
const MEAN: usize = 3;

/// Reads the functions of the tree; groups, which have no numbers, are passed over.
///
/// # Errors
/// The line that is not as expected.
pub(super) fn parse(printed: &str) -> Result<Readings, String> {
    let mut lines = printed.lines().skip_while(|line| !is_head(line));
    lines.next().ok_or_else(|| "divan's head line".to_owned())?;
    let mut readings = Readings::new();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let (_, branch) = line.split_once("─ ").ok_or_else(|| line.to_owned())?;
        let mut cells: Vec<&str> = branch.split('│').map(str::trim).collect();
        // The name and the first number share a cell.
        let (name, fastest) = cells[0].split_once(char::is_whitespace).unwrap_or((cells[0], ""));
        cells[0] = fastest.trim();
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        for (column, at) in [(Column::DivanMedian, MEDIAN), (Column::DivanMean, MEAN)] {
            let nanos = cells.get(at).and_then(|cell| nanos(cell));
            let nanos = nanos.ok_or_else(|| line.to_owned())?;
            readings.insert((name.to_owned(), column), Estimate { nanos, interval: None });
        }
    }
    Ok(readings)
}

/// Whether the line names the columns.
fn is_head(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().filter(|word| *word != "│").collect();
    words.ends_with(&COLUMNS)
}

/// `1.024 µs` in nanoseconds.
fn nanos(text: &str) -> Option<f64> {
    let (number, unit) = text.split_once(' ')?;
    let scale = match unit {
        "ps" => 1e-3,
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What divan 0.1.21 printed.
    const TREE: &str = "\
Timer precision: 20 ns
divan               fastest       │ slowest       │ median        │ mean          │ samples │ iters
├─ quick                          │               │               │               │         │
│  ├─ allocating    12.02 µs      │ 35.75 µs      │ 14.57 µs      │ 14.75 µs      │ 100     │ 100
│  ├─ compute_55us  54.35 µs      │ 79.66 µs      │ 55 µs         │ 55.26 µs      │ 100     │ 100
│  ╰─ one_ns        1.239 ns      │ 1.253 ns      │ 1.244 ns      │ 1.242 ns      │ 100     │ 204800
╰─ slow                           │               │               │               │         │
   ╰─ ten_ms        9.9 ms        │ 10.31 ms      │ 10.06 ms      │ 10.07 ms      │ 100     │ 100

";

    #[test]
    fn the_tree_is_read_by_function() {
        let readings = parse(TREE).unwrap();
        let shown: Vec<String> = readings
            .iter()
            .map(|((name, column), it)| format!("{name} {}: {}", column.name(), it.nanos))
            .collect();
        assert_eq!(
            shown,
            [
                "allocating divan, median: 14570",
                "allocating divan, mean: 14750",
                "compute_55us divan, median: 55000",
                "compute_55us divan, mean: 55260",
                "one_ns divan, median: 1.244",
                "one_ns divan, mean: 1.242",
                "ten_ms divan, median: 10060000",
                "ten_ms divan, mean: 10070000",
            ]
        );
        assert!(readings.values().all(|it| it.interval.is_none()));
    }

    #[test]
    fn another_text_is_refused_by_its_line() {
        for (text, wrong) in [
            ("", "divan's head line"),
            ("one two", "divan's head line"),
            (&TREE.replace("14.57 µs", "14.57 mm"), "│  ├─ allocating"),
            (&TREE.replace("1.244 ns      │ 1.242 ns      │", ""), "│  ╰─ one_ns"),
            (&TREE.replace("╰─ slow ", "slow     "), "slow "),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(wrong), "{error:?}");
        }
    }
}
