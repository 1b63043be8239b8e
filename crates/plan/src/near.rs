//! Near names: what someone probably meant by a word that nobody knows.

/// The candidate nearest to `word`, or `None` where none is near.
///
/// Near means: at most a third of the longer word's letters, and at least one, inserted, deleted,
/// replaced or swapped with their neighbour (Damerau and Levenshtein's distance). Of equally near
/// ones the first wins.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .filter_map(|candidate| Some((distance(word, candidate)?, candidate)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How far apart two words are, or `None` where that is too far to be a slip.
pub(crate) fn distance(word: &str, candidate: &str) -> Option<usize> {
    let longest = word.chars().count().max(candidate.chars().count());
    let allowed = (longest / 3).max(1);
    let distance = strsim::damerau_levenshtein(word, candidate);
    (distance <= allowed && distance < longest).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_words() {
        let known = ["command", "conclude", "cleanup", "dir"];
        for (word, expected) in [
            ("comand", Some("command")),
            ("commnad", Some("command")),
            ("clean_up", Some("cleanup")),
            ("dri", Some("dir")),
            ("directory", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word:?}");
        }
    }
}
