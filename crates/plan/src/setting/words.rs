//! Words: how a line is split into them without a shell, and how they are shown as a line.

use std::borrow::Cow;

use toml::de::DeValue;

use super::{Refused, Value, refused, text, wrong_kind};

/// Why a text cannot be words of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWords {
    /// A quote that is never closed.
    #[error("the quote {0} is never closed")]
    OpenQuote(char),
    /// A backslash with nothing behind it.
    #[error("there is nothing behind the last backslash")]
    TrailingBackslash,
    /// Words that start nothing.
    #[error("its first word is empty, so there is no program in it")]
    NoProgram,
    /// A shell that is none.
    #[error("there is no shell in it: `shell = false`, or -N, turns the shell off")]
    NoShell,
    /// A zero byte, which ends a text for the system.
    #[error("a command, variable or path cannot hold a NUL character")]
    Nul,
}

/// Reads words from the manifest: an array of texts, or one text that is split.
pub(crate) fn read(value: &Value<'_>) -> Result<Vec<String>, Refused> {
    const EXPECTED: &str = "words such as [\"nice\", \"-n\", \"5\"] or \"nice -n 5\"";
    match value.get_ref() {
        DeValue::String(_) => parse(text(value, EXPECTED)?).map_err(|fault| refused(value, fault)),
        DeValue::Array(words) => {
            let texts = words.iter().map(|word| text(word, "a text").map(str::to_owned));
            let words = texts.collect::<Result<_, _>>()?;
            startable(words).map_err(|fault| refused(value, fault))
        }
        _ => Err(wrong_kind(value, EXPECTED)),
    }
}

/// The words of `line`; none are fine, and then the first is a program's.
///
/// # Errors
/// [`InvalidWords`].
pub(crate) fn parse(line: &str) -> Result<Vec<String>, InvalidWords> {
    startable(split(line)?)
}

/// `words`, unless their first is no program.
pub(crate) fn startable(words: Vec<String>) -> Result<Vec<String>, InvalidWords> {
    match words.first() {
        Some(program) if program.trim().is_empty() => Err(InvalidWords::NoProgram),
        _ => Ok(words),
    }
}

/// Whether a program could be given `text`.
pub(crate) fn check(text: &str) -> Result<(), InvalidWords> {
    if text.contains('\0') { Err(InvalidWords::Nul) } else { Ok(()) }
}

/// Splits a line as a POSIX shell does, but expands nothing: white space separates, single quotes
/// keep all, double quotes all but a backslash before `"`, `\`, `$`, a backquote or a line's end.
///
/// # Errors
/// [`InvalidWords`].
pub fn split(line: &str) -> Result<Vec<String>, InvalidWords> {
    check(line)?;
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(c) = rest.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => single_quoted(&mut rest, word.get_or_insert_default())?,
            '"' => double_quoted(&mut rest, word.get_or_insert_default())?,
            '\\' => match rest.next().ok_or(InvalidWords::TrailingBackslash)? {
                '\n' => {}
                kept => word.get_or_insert_default().push(kept),
            },
            kept => word.get_or_insert_default().push(kept),
        }
    }
    words.extend(word);
    Ok(words)
}

fn single_quoted(rest: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), InvalidWords> {
    loop {
        match rest.next().ok_or(InvalidWords::OpenQuote('\''))? {
            '\'' => return Ok(()),
            kept => word.push(kept),
        }
    }
}

fn double_quoted(rest: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), InvalidWords> {
    const OPEN: InvalidWords = InvalidWords::OpenQuote('"');
    loop {
        match rest.next().ok_or(OPEN)? {
            '"' => return Ok(()),
            '\\' => match rest.next().ok_or(OPEN)? {
                '\n' => {}
                special @ ('"' | '\\' | '$' | '`') => word.push(special),
                other => word.extend(['\\', other]),
            },
            kept => word.push(kept),
        }
    }
}

/// The words as a line that would split into them again, quoted only where that needs it.
pub(crate) fn join(words: &[String]) -> String {
    words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "_-+=%@:,./{}[]^~".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitting_and_joining() {
        for (line, words, joined) in [
            ("grep -c the  words.txt", &["grep", "-c", "the", "words.txt"][..], None),
            ("", &[], None),
            ("  a\tb\n", &["a", "b"], Some("a b")),
            (
                r#"echo 'a b' "c d" e\ f"#,
                &["echo", "a b", "c d", "e f"],
                Some("echo 'a b' 'c d' 'e f'"),
            ),
            (r#"'' """#, &["", ""], Some("'' ''")),
            (r#"a'b'"c"d"#, &["abcd"], Some("abcd")),
            (r#""\"\\\$\`\n""#, &[r#""\$`\n"#], Some(r#"'"\$`\n'"#)),
            (r"'it'\''s'", &["it's"], Some(r"'it'\''s'")),
            ("a\\\nb", &["ab"], Some("ab")),
            ("awk '{print $1}'", &["awk", "{print $1}"], Some("awk '{print $1}'")),
            ("--level={n} ü", &["--level={n}", "ü"], None),
        ] {
            let found = split(line).unwrap();
            assert_eq!(found, words, "{line:?}");
            assert_eq!(split(&join(&found)).unwrap(), words, "{line:?}");
            if let Some(joined) = joined {
                assert_eq!(join(&found), joined, "{line:?}");
            }
        }
    }

    #[test]
    fn unbalanced() {
        for (line, fault) in [
            ("echo 'a", InvalidWords::OpenQuote('\'')),
            ("echo \"a", InvalidWords::OpenQuote('"')),
            ("echo \"a\\", InvalidWords::OpenQuote('"')),
            ("echo a\\", InvalidWords::TrailingBackslash),
            ("echo \0", InvalidWords::Nul),
        ] {
            assert_eq!(split(line), Err(fault), "{line:?}");
        }
    }

    #[test]
    fn a_program_comes_first() {
        assert_eq!(parse(" "), Ok(Vec::new()));
        assert_eq!(parse("nice ''"), Ok(vec!["nice".to_owned(), String::new()]));
        assert_eq!(parse("'' nice"), Err(InvalidWords::NoProgram));
    }
}
