//! A source file as the rules see it: what is code, what is a comment, what is a test.

/// A text file of the repository.
#[derive(Debug)]
pub(super) struct Source {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    /// All of it.
    pub(super) text: String,
    /// The same lines with comments and literals blanked; empty unless it is Rust.
    code: String,
    /// Whether the module is declared for tests alone, in the file that declares it.
    pub(super) declared_for_tests: bool,
}

impl Source {
    /// Takes the text of the file at `path`.
    pub(super) fn new(path: String, text: String) -> Self {
        let code = if path.ends_with(".rs") { code_only(&text) } else { String::new() };
        Self { path, text, code, declared_for_tests: false }
    }

    /// Numbered lines, from 1.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        numbered(&self.text)
    }

    /// Numbered lines of a Rust file without comments and literals; none of another file.
    pub(super) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        numbered(&self.code)
    }

    /// The code lines that are no test's.
    pub(super) fn product_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let tests = if self.is_test() { Some((1, usize::MAX)) } else { self.tests_at_foot() };
        let (first, last) = tests.unwrap_or((usize::MAX, usize::MAX));
        self.code_lines().filter(move |(line, _)| *line < first || *line > last)
    }

    /// The file's name without its folders.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether the whole file is tests.
    pub(super) fn is_test(&self) -> bool {
        self.declared_for_tests
            || self.name() == "tests.rs"
            || self.path.split('/').any(|folder| folder == "tests")
    }

    /// Starts of the paths of modules in files of their own that it declares for tests alone.
    pub(super) fn test_modules(&self) -> Vec<String> {
        let folder = self.path.strip_suffix(self.name()).unwrap_or_default();
        let folder = match self.name() {
            "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
            own => format!("{folder}{}/", own.trim_end_matches(".rs")),
        };
        let lines: Vec<&str> = self.code.lines().map(str::trim).collect();
        let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
        let names = declared.filter_map(|pair| pair[1].split_once("mod ")?.1.strip_suffix(';'));
        names.map(|name| format!("{folder}{name}")).collect()
    }

    /// First and last line of the inline module of tests, its attribute included.
    pub(super) fn tests_at_foot(&self) -> Option<(usize, usize)> {
        let lines: Vec<(usize, &str)> = self.code_lines().collect();
        let attribute = lines.windows(2).find_map(|pair| {
            let opens = pair[1].1.starts_with("mod ") && pair[1].1.trim_end().ends_with('{');
            (pair[0].1.trim_end() == "#[cfg(test)]" && opens).then_some(pair[0].0)
        })?;
        let end = lines.iter().find(|(line, text)| *line > attribute && text.starts_with('}'));
        Some((attribute, end.map_or(lines.len(), |(line, _)| *line)))
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

/// Whether `word` stands in `line` with nothing of a name before or behind it.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let behind = line[start + word.len()..].chars().next();
        !before.is_some_and(is_of_name) && !behind.is_some_and(is_of_name)
    })
}

fn is_of_name(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// Blanks comments and literals of Rust text; every line keeps its number.
fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_name = false;
    while let Some(first) = rest.chars().next() {
        let blank = if in_name { plain_literal(rest) } else { prefixed_literal(rest) };
        let blank = blank.or_else(|| comment(rest));
        let length = blank.unwrap_or(first.len_utf8()).min(rest.len());
        let (token, behind) = rest.split_at(length);
        if blank.is_some() {
            code.extend(token.chars().map(|c| if c == '\n' { c } else { ' ' }));
        } else {
            code.push_str(token);
        }
        in_name = blank.is_none() && is_of_name(first);
        rest = behind;
    }
    code
}

/// Bytes of the comment that `rest` starts with.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(pair) = rest.as_bytes().get(at..at + 2) {
        match pair {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return Some(at);
        }
    }
    Some(rest.len())
}

/// Bytes of the literal that `rest` starts with, its `r`, `b` or `c` included.
fn prefixed_literal(rest: &str) -> Option<usize> {
    let body = rest.trim_start_matches(['b', 'c', 'r']);
    let prefix = rest.len() - body.len();
    let hashes = body.len() - body.trim_start_matches('#').len();
    let raw = prefix <= 2 && rest[..prefix].ends_with('r');
    if !raw || !body[hashes..].starts_with('"') {
        return plain_literal(rest);
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = prefix + hashes + 1;
    Some(rest[inside..].find(&end).map_or(rest.len(), |at| inside + at + end.len()))
}

/// Bytes of the quoted text or character that `rest` starts with; a lifetime is neither.
fn plain_literal(rest: &str) -> Option<usize> {
    if let Some(inside) = rest.strip_prefix('\'') {
        let first = inside.chars().next()?;
        let closes = inside[first.len_utf8()..].starts_with('\'');
        if first != '\\' {
            return closes.then(|| first.len_utf8() + 2);
        }
    } else if !rest.starts_with('"') {
        return None;
    }
    let quote = rest.as_bytes()[0];
    let mut at = 1;
    while let Some(byte) = rest.as_bytes().get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    Some(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blanked() {
        let cases = [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("unsafe \" x") g"#, "f(             ) g"),
            ("r\"a\\\" b", "      b"),
            ("br#\"a\" b\"# c", "           c"),
            ("bar\"x\"", "bar   "),
            ("r#type", "r#type"),
            ("'a' 'b", "    'b"),
            (r"'\'' x", "     x"),
            (r"'\u{41}' x", "         x"),
            ("&'static str", "&'static str"),
            ("\"open\nline", "     \n    "),
            ("/* open\nline", "       \n    "),
        ];
        for (text, code) in cases {
            assert_eq!(code_only(text), code, "{text:?}");
        }
    }

    #[test]
    fn words_are_whole() {
        for (line, found) in [("unsafe {", true), ("unsafe_code", false), ("not_unsafe", false)] {
            assert_eq!(has_word(line, "unsafe"), found, "{line:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_keeps_its_lines(text in "[a-z\"'#/*\\\\rbc\nä({]{0,80}") {
            let code = code_only(&text);
            proptest::prop_assert_eq!(code.chars().count(), text.chars().count());
            proptest::prop_assert_eq!(code.matches('\n').count(), text.matches('\n').count());
        }
    }
}
