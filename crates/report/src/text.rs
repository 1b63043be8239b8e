//! Foreign text made fit to print: control characters shown, length bounded, lines wrapped.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns that `text` takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// `text` on one line, with what would move a terminal's cursor or turn its direction escaped.
///
/// A line feed becomes `\n`, an escape `\u{1b}`: nothing is dropped, so that two texts that
/// differ still look different.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(disturbs) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if disturbs(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out.into()
}

/// Control characters, separators that break lines, and the marks that turn text around.
fn disturbs(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

/// `text` in at most `columns`, with its middle left out: both ends tell labels apart.
pub(crate) fn shorten_middle<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return text.into();
    }
    let Some(room) = columns.checked_sub(width(ellipsis)) else { return "".into() };
    let head = prefix(text, room.div_ceil(2));
    let tail = suffix(&text[head.len()..], room - width(head));
    format!("{head}{ellipsis}{tail}").into()
}

/// [`shorten_middle`] for a text among others that all end with `ending`, which tells nothing.
///
/// Where the plain way would show only what all have in common, the ending goes first, so that
/// `bench --level 1 <corpus.txt` and `bench --level 9 <corpus.txt` stay apart.
pub(crate) fn shorten_apart<'a>(
    text: &'a str,
    ending: &str,
    columns: usize,
    ellipsis: &str,
) -> Cow<'a, str> {
    let plain = shorten_middle(text, columns, ellipsis);
    let Some(stem) = text.strip_suffix(ending) else { return plain };
    let room = columns.saturating_sub(width(ellipsis));
    if plain == text || width(stem) <= room.div_ceil(2) || width(ending) < room / 2 {
        return plain;
    }
    format!("{}{ellipsis}", shorten_middle(stem, room, ellipsis)).into()
}

/// The end that all of `texts` have in common; empty for fewer than two.
pub(crate) fn common_ending<'a>(mut texts: impl Iterator<Item = &'a str>) -> &'a str {
    let first = texts.next().unwrap_or_default();
    let mut shared = None;
    for text in texts {
        let ending: &str = shared.unwrap_or(first);
        let both = ending.chars().rev().zip(text.chars().rev());
        let bytes: usize = both.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        shared = Some(&ending[ending.len() - bytes..]);
    }
    shared.unwrap_or_default()
}

/// `text` in at most `columns`, with its end left out.
pub(crate) fn shorten_end<'a>(text: &'a str, columns: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= columns {
        return text.into();
    }
    let Some(room) = columns.checked_sub(width(ellipsis)) else { return "".into() };
    format!("{}{ellipsis}", prefix(text, room).trim_end()).into()
}

/// The longest beginning of `text` that takes at most `columns`.
fn prefix(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (place, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return &text[..place];
        }
    }
    text
}

/// The longest end of `text` that takes at most `columns` and starts with a visible character.
fn suffix(text: &str, columns: usize) -> &str {
    let mut used = 0;
    let mut start = text.len();
    for (place, c) in text.char_indices().rev() {
        let own = c.width().unwrap_or(0);
        used += own;
        if used > columns {
            break;
        }
        // A combining mark must not come to stand on the ellipsis.
        if own > 0 {
            start = place;
        }
    }
    &text[start..]
}

/// Appends `text` and a line feed to `out`, broken between words at `columns`.
///
/// The first line is taken to start after `indent` columns, the others get as many blanks. A word
/// that is longer than a line stays whole: a path that is cut can no longer be copied.
pub(crate) fn wrap_into(out: &mut String, indent: usize, text: &str, columns: Option<usize>) {
    let limit = columns.map_or(usize::MAX, |columns| columns.max(indent + COLUMNS_MIN));
    let mut used = indent;
    for (index, word) in text.split(' ').enumerate() {
        let own = width(word);
        if index > 0 && used + 1 + own > limit {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            used = indent;
        } else if index > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += own;
    }
    out.push('\n');
}

/// Sentences are not squeezed below so many columns, however narrow the terminal.
const COLUMNS_MIN: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_goes_first() {
        for (text, columns, expected) in [
            ("gzip -9 corpus.txt", 18, "gzip -9 corpus.txt"),
            ("gzip -9 corpus.txt", 11, "gzip …s.txt"),
            ("gzip -9 corpus.txt", 1, "…"),
            ("gzip -9 corpus.txt", 0, ""),
            ("数据库查询速度测试", 9, "数据…测试"),
            ("e\u{301}e\u{301}e\u{301}e\u{301}", 3, "e\u{301}…e\u{301}"),
        ] {
            let short = shorten_middle(text, columns, "…");
            assert_eq!(short, expected, "{text:?} in {columns}");
            assert!(width(&short) <= columns);
        }
        assert_eq!(shorten_end("tacho run --runs 10", 11, "…"), "tacho run…");
        assert_eq!(shorten_end("数据库", 4, ".."), "数..");
    }

    #[test]
    fn what_differs_stays() {
        for (texts, columns, expected) in [
            (["run --n 1 <corpus.txt", "run --n 9 <corpus.txt"], 9, ["run …n 1…", "run …n 9…"]),
            (
                ["gzip -1 corpus.txt", "gzip -9 corpus.txt"],
                15,
                ["gzip -1…pus.txt", "gzip -9…pus.txt"],
            ),
            (["sort 1 2 3 4 a", "sort 1 2 3 4 b"], 9, ["sort… 4 a", "sort… 4 b"]),
            (["same for both", "same for both"], 9, ["same…both", "same…both"]),
        ] {
            let ending = common_ending(texts.into_iter());
            let short = texts.map(|text| shorten_apart(text, ending, columns, "…"));
            assert_eq!(short, expected);
        }
        assert_eq!(common_ending(["alone"].into_iter()), "");
        assert_eq!(common_ending([].into_iter()), "");
        assert_eq!(common_ending(["xé", "yé", "é"].into_iter()), "é");
    }

    #[test]
    fn nothing_moves_the_cursor() {
        for (text, expected) in [
            ("plain µ 数", "plain µ 数"),
            ("a\nb\tc", r"a\nb\tc"),
            ("\u{1b}[31mred", r"\u{1b}[31mred"),
            ("\u{202e}txt.exe", r"\u{202e}txt.exe"),
        ] {
            assert_eq!(clean(text), expected);
        }
    }

    #[test]
    fn sentences_break_between_words() {
        let mut out = "- ".to_owned();
        wrap_into(&mut out, 2, "the first run filled a cache", Some(22));
        assert_eq!(out, "- the first run filled\n  a cache\n");
    }
}
