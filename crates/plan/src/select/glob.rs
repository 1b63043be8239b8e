//! Globs: `*` any characters, `?` one, `[a-z]` one of these, `[!a-z]` one of the others.
//!
//! Braces and slashes stand for themselves, because identities are made of them: that is what
//! crates for file names do otherwise.

/// Whether `pattern` matches the whole of `text`. A bracket that is never closed stands for
/// itself. In time of at most the product of both lengths.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0, 0);
    // Where to go on when the last star has to take one character more.
    let mut retry: Option<(usize, usize)> = None;
    while place < text.len() {
        if pattern.get(at) == Some(&'*') {
            at += 1;
            retry = Some((at, place));
        } else if let Some(length) = one(&pattern[at..], text[place]) {
            at += length;
            place += 1;
        } else if let Some((behind_star, taken)) = retry {
            at = behind_star;
            place = taken + 1;
            retry = Some((behind_star, place));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// How long the pattern's first element is, if it matches `c`.
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern.first()? {
        '?' => Some(1),
        '[' => match class(pattern) {
            Some((members, length)) => has(members, c).then_some(length),
            None => (c == '[').then_some(1),
        },
        literal => (*literal == c).then_some(1),
    }
}

/// The inside of the brackets that `pattern` starts with, and the length with them; a `]` in the
/// first place is a member.
fn class(pattern: &[char]) -> Option<(&[char], usize)> {
    let first = if pattern.get(1) == Some(&'!') { 3 } else { 2 };
    let close = pattern.iter().skip(first).position(|c| *c == ']')? + first;
    Some((&pattern[1..close], close + 1))
}

fn has(members: &[char], c: char) -> bool {
    let (members, wanted) = match members {
        ['!', others @ ..] => (others, false),
        members => (members, true),
    };
    let mut rest = members;
    let mut found = false;
    while let [first, after @ ..] = rest {
        (found, rest) = match after {
            ['-', last, behind @ ..] => (found || (*first..=*last).contains(&c), behind),
            _ => (found || *first == c, after),
        };
    }
    found == wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("*", "", true),
            ("?", "", false),
            ("gzip/*", "gzip/level{level=6}", true),
            ("*/level*", "gzip/level{level=6}", true),
            ("*level", "gzip/level{level=6}", false),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXcX", false),
            ("level=[0-5]", "level=6", false),
            ("level=[0-56]", "level=6", true),
            ("level=[!6]", "level=6", false),
            ("level=[!x-]", "level=-", false),
            ("x[]]", "x]", true),
            ("x[!]]", "x]", false),
            ("x[a", "x[a", true),
            ("x[a", "xa", false),
            ("{a,b}", "a", false),
            ("???", "äöü", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern:?} {text:?}");
        }
        // A backtracking matcher would take longer than anybody lives.
        assert!(!matches(&"*a".repeat(60), &"a".repeat(59)));
    }
}
