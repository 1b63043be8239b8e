//! The name that was probably meant.

/// The candidate nearest to `word`: one edit in three letters is near.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let near = |candidate: &str| {
        let distance = strsim::osa_distance(word, candidate);
        (distance * 3 <= word.chars().count().max(3)).then_some(distance)
    };
    let last = |name: &str| name.rsplit('/').next() == Some(word);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let distance = if last(candidate) { Some(0) } else { near(candidate) };
            Some((distance?, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found() {
        let names = ["sort/quick", "sort/merge", "sum/loop"];
        let check = |word, expected| assert_eq!(nearest(word, names), expected, "{word}");
        check("sort/quikc", Some("sort/quick"));
        check("merge", Some("sort/merge"));
        check("sum/lop", Some("sum/loop"));
        check("hash/fnv", None);
        check("", None);
    }
}
