use tacho_schema::{PointSummary, Status};

use super::*;
use crate::fixture::{MS, against, failed, gzip, header, point};

/// The file of points without runs or parameters.
fn written(format: Format, points: &[PointSummary], unit: Option<TimeUnit>) -> String {
    let exported = |summary| Exported { summary, runs: &[], parameters: &[] };
    let points: Vec<Exported<'_>> = points.iter().map(exported).collect();
    text(format, &points, unit, &header())
}

/// gzip at three levels: one file of each format, beside a point that only failed.
#[test]
fn formats() {
    let mut points = gzip().points;
    points.insert(1, failed("false", Status::Error, Some(1), None, None));
    for (name, format) in [
        ("csv", Format::Csv),
        ("markdown", Format::Markdown),
        ("asciidoc", Format::Asciidoc),
        ("orgmode", Format::Orgmode),
    ] {
        let file = written(format, &points, None);
        assert!(!file.contains("false"), "{file}");
        insta::assert_snapshot!(name, file);
    }
}

#[test]
fn parameters_are_columns() {
    let (one, two) = (point("a", MS, 6), point("b, \"c\"", MS, 6));
    let level = [("level".to_owned(), "6".to_owned())];
    let file = [("file".to_owned(), "x\ny".to_owned())];
    let points = [
        Exported { summary: &one, runs: &[], parameters: &level },
        Exported { summary: &two, runs: &[], parameters: &file },
    ];
    let written = text(Format::Csv, &points, None, &header());
    let numbers = "0.00101,0.00002,0.001,0.000808,0.000101,0.00097,0.0012";
    assert_eq!(
        written,
        format!(
            "command,mean,stddev,median,user,system,min,max,parameter_file,parameter_level\n\
             a,{numbers},,6\n\
             \"b, \"\"c\"\"\",{numbers},\"x\ny\",\n"
        )
    );
    let mut once = point("once", MS, 1);
    once.spreads.truncate(1);
    once.spreads[0].stddev = None;
    let written = self::written(Format::Csv, &[once], None);
    assert_eq!(written.lines().nth(1), Some("once,0.00101,,0.001,,,0.00097,0.0012"));
}

/// The numbers of the Markdown table's first row.
fn cells(points: &[PointSummary], unit: Option<TimeUnit>) -> (String, String) {
    let file = written(Format::Markdown, points, unit);
    let lines: Vec<&str> = file.lines().collect();
    (lines[0].to_owned(), lines.last().unwrap().to_string())
}

#[test]
fn units_and_digits() {
    for (median, unit, title, row) in [
        (100.0, None, "[ns]", "| `x` | 101.0 ± 2.0 | 97.0 | 120.0 | 1.00 |"),
        (2e3, None, "[µs]", "| `x` | 2.02 ± 0.04 | 1.94 | 2.40 | 1.00 |"),
        (12.0 * MS, None, "[ms]", "| `x` | 12.1 ± 0.2 | 11.6 | 14.4 | 1.00 |"),
        (2e9, None, "[s]", "| `x` | 2.020 ± 0.040 | 1.940 | 2.400 | 1.00 |"),
        (
            2.0 * MS,
            Some(TimeUnit::Second),
            "[s]",
            "| `x` | 0.00202 ± 0.00004 | 0.00194 | 0.00240 | 1.00 |",
        ),
        (120e9, Some(TimeUnit::Minute), "[min]", "| `x` | 2.020 ± 0.040 | 1.940 | 2.400 | 1.00 |"),
    ] {
        let (titles, found) = cells(&[point("x", median, 6)], unit);
        assert_eq!(titles.matches(title).count(), 3, "{titles}");
        assert_eq!(found, row);
    }
}

#[test]
fn ratios() {
    let first = point("first", MS, 6);
    for (ratio, ends, told) in [
        (2.0334, Some((2.01, 2.05)), "2.03 ± 0.02"),
        (1.00312, Some((1.0027, 1.0035)), "1.0031 ± 0.0004"),
        (3.0, Some((1.0, 9.0)), "3.00 ± 4.00"),
        (0.5, None, "0.50"),
    ] {
        let other = against(point("other", MS, 6), "first", ratio, ends);
        let (_, row) = cells(&[first.clone(), other], None);
        assert!(row.ends_with(&format!("| {told} |")), "{row}");
    }
    // Nothing is said of a point that is compared with nothing.
    let (_, row) = cells(&[first, point("alone", MS, 6)], None);
    assert!(row.ends_with("|  |"), "{row}");
}

/// How each format keeps the characters of a command from meaning something.
#[test]
fn commands_stay_texts() {
    for (command, markdown, asciidoc, orgmode) in [
        ("gzip -1 a.txt", "`gzip -1 a.txt`", "`gzip -1 a.txt`", "=gzip -1 a.txt="),
        ("a | b", r"`a \| b`", r"`+a \| b+`", r"a \vert{} b"),
        ("echo `x`", "`` echo `x` ``", "`pass:c[echo `x`]`", "=echo `x`="),
        ("a\nb", r"`a\nb`", r"`+a\nb+`", r"=a\nb="),
        ("A=1 b", "`A=1 b`", "`+A=1 b+`", "~A=1 b~"),
        ("A=~ b", "`A=~ b`", "`+A=~ b+`", r"A\equal{}\tilde{} b"),
        ("x -- y", "`x -- y`", "`+x -- y+`", "=x -- y="),
        ("a[1]+b\\", r"`a[1]+b\`", r"`pass:c[a[1\]+b\ ]`", r"=a[1]+b\="),
        ("{level} *b*", "`{level} *b*`", "`+{level} *b*+`", "={level} *b*="),
    ] {
        let only = [point(command, MS, 6)];
        for (format, expected) in [
            (Format::Markdown, format!("| {markdown} | ")),
            (Format::Asciidoc, format!("| {asciidoc} \n| ")),
            (Format::Orgmode, format!("| {orgmode}  |  ")),
        ] {
            let file = written(format, &only, None);
            assert!(file.contains(&expected), "{expected} is not in {file}");
        }
    }
}

#[test]
fn names_of_units() {
    for (text, unit) in [
        ("ns", Ok(TimeUnit::Nanosecond)),
        ("us", Ok(TimeUnit::Microsecond)),
        ("microsecond", Ok(TimeUnit::Microsecond)),
        ("millisecond", Ok(TimeUnit::Millisecond)),
        ("seconds", Ok(TimeUnit::Second)),
        ("min", Ok(TimeUnit::Minute)),
        ("hour", Ok(TimeUnit::Hour)),
        ("", Err(UnknownTimeUnit)),
        ("fortnight", Err(UnknownTimeUnit)),
    ] {
        assert_eq!(text.parse::<TimeUnit>(), unit, "{text}");
    }
}
