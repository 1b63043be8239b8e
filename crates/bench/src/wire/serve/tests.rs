//! Lines that are answered, one by one.

use std::cell::RefCell;

use super::*;

/// What is said to these lines by code that takes 3 ns a call.
fn said(lines: &[u8]) -> String {
    let out = RefCell::new(String::new());
    let say = |line: &str| {
        out.borrow_mut().push_str(line);
        Ok(())
    };
    answer_lines(lines, say, |count| count * 3).expect("the lines can be read");
    out.into_inner()
}

#[test]
fn lines_are_answered() {
    let check = |lines: &str, expected: &str| assert_eq!(said(lines.as_bytes()), expected);
    check("", "");
    check("run 1\n", "nanos 3\n");
    check("run 1\r\nrun 20", "nanos 3\nnanos 60\n");
    check("  run 7 \n", "nanos 21\n");
    check("stop\nrun 2\n", "error run ITERATIONS is understood, \"stop\" is not\nnanos 6\n");
    check("\n", "error run ITERATIONS is understood, \"\" is not\n");
    for number in ["0", "-1", "many", "99999999999999999999", "2000000000000", ""] {
        let answer = said(format!("run {number} \n").as_bytes());
        assert!(answer.starts_with("error "), "{number}: {answer}");
    }
}

#[test]
fn a_line_has_a_bound() {
    let mut lines = vec![b'x'; 5000];
    lines.extend(b"\nrun 1\n");
    let answers = said(&lines);
    assert_eq!(answers.lines().count(), 6, "{answers}");
    assert!(answers.ends_with("nanos 3\n"));
    assert!(said(b"\xff\xfe\n").starts_with("error "));
}

#[test]
fn what_nobody_reads_ends_it() {
    let say = |_: &str| Err("closed".to_owned());
    assert_eq!(answer_lines(&b"run 1\nrun 2\n"[..], say, |_| 1), Err("closed".to_owned()));
}
