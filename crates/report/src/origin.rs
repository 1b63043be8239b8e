//! Where a capture comes from, as text: its commit, and the words it was taken with.

use tacho_schema::Environment;

use crate::text::clean;

/// Characters of a commit that are shown.
const COMMIT_CHARS: usize = 8;

/// The first characters of the commit, with `*` where the work tree differed from it; none where
/// it is not known.
pub(crate) fn commit(env: &Environment) -> Option<String> {
    let commit = env.git_commit.as_ref()?;
    let dirty = if env.git_dirty == Some(true) { "*" } else { "" };
    let short: String = commit.chars().take(COMMIT_CHARS).collect();
    Some(format!("{}{dirty}", clean(&short)))
}

/// The words as a shell would take them, the program without its folder.
pub(crate) fn invocation(words: &[String]) -> String {
    let quoted = words.iter().enumerate().map(|(index, word)| match index {
        0 => quote(word.rsplit('/').next().unwrap_or(word)),
        _ => quote(word),
    });
    quoted.collect::<Vec<String>>().join(" ")
}

fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_-./=:,+@%^".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    clean(&format!("'{}'", word.replace('\'', r"'\''"))).into_owned()
}
