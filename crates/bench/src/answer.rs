//! What a call gave: its hash, and its beginning as text where that was asked for.
//!
//! Which of both a type has is found without a bound on it: a method that is missing on one
//! wrapper is found on the next, to which the first dereferences.

use std::fmt::{Arguments, Debug, Display, Write};
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use crate::hash::{AnswerHasher, HashFloats};

/// The variable that asks for the beginning of results.
const PREVIEW_VARIABLE: &str = "TACHO_PREVIEW";

/// Characters of a preview.
const PREVIEW_CHARS_MAX: usize = 200;

/// A call's result, as far as a row has room for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its hash, or why there is none.
    pub(crate) hash: Result<u64, String>,
    /// Its beginning, where that was asked for.
    pub(crate) preview: Option<String>,
}

impl Answer {
    /// Of parts that were found on [`HashOf`] and [`PreviewOf`].
    #[must_use]
    pub fn new(hash: Result<u64, String>, preview: Option<String>) -> Self {
        Self { hash, preview }
    }

    /// Of a value that has both.
    pub(crate) fn of<T: Hash + Debug + ?Sized>(value: &T) -> Self {
        Self::new(Ok(hash_of(value)), wants_preview().then(|| beginning(format_args!("{value:?}"))))
    }

    /// Of a value's text for people, which a program in any language can hash alike.
    #[must_use]
    pub fn of_text<T: Display + ?Sized>(value: &T) -> Self {
        let mut hasher = AnswerHasher::default();
        let written = write!(TextHasher(&mut hasher), "{value}");
        let hash = written.map(|()| hasher.finish());
        let refused = |_| "the result's text cannot be written: its Display fails".to_owned();
        let preview = wants_preview().then(|| beginning(format_args!("{value}")));
        Self::new(hash.map_err(refused), preview)
    }

    /// Nothing is known of the result.
    #[must_use]
    pub fn unsaid() -> Self {
        let reason = "the benchmark does not say its answer: let it return it, or say \
                      Bencher::answer";
        Self::new(Err(reason.to_owned()), None)
    }

    /// The call gives nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::new(Err("the benchmark returns nothing".to_owned()), None)
    }

    /// Why a hash that is not wanted is none.
    ///
    /// # Errors
    /// Always.
    pub fn no_hash() -> Result<u64, String> {
        Err("the benchmark is declared with no_hash".to_owned())
    }
}

/// Whether the beginning of results was asked for.
fn wants_preview() -> bool {
    std::env::var_os(PREVIEW_VARIABLE).is_some_and(|value| value == "1")
}

fn hash_of<T: Hash + ?Sized>(value: &T) -> u64 {
    let mut hasher = AnswerHasher::default();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Takes a text as its bytes, and nothing of its length or end.
struct TextHasher<'a>(&'a mut AnswerHasher);

impl Write for TextHasher<'_> {
    fn write_str(&mut self, more: &str) -> std::fmt::Result {
        self.0.write(more.as_bytes());
        Ok(())
    }
}

/// The beginning of a value's text.
fn beginning(value: Arguments<'_>) -> String {
    let mut text = Bounded { text: String::new(), left: PREVIEW_CHARS_MAX };
    // An error is the bound, or the value's own: what is there so far is its beginning.
    let _ = text.write_fmt(value);
    text.text
}

/// Takes so many characters, and then refuses: a long value is not written to its end.
struct Bounded {
    text: String,
    left: usize,
}

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> std::fmt::Result {
        for c in more.chars() {
            self.left = self.left.checked_sub(1).ok_or(std::fmt::Error)?;
            self.text.push(c);
        }
        Ok(())
    }
}

/// The hash of a value that may have floats in it, …
pub struct HashOf<'a, T: ?Sized>(PlainHashOf<'a, T>);

/// … of one that is `Hash`, …
pub struct PlainHashOf<'a, T: ?Sized>(NoHashOf<'a, T>);

/// … or the reason why there is none.
pub struct NoHashOf<'a, T: ?Sized>(&'a T);

impl<'a, T: ?Sized> HashOf<'a, T> {
    /// Of this value.
    #[must_use]
    pub fn new(value: &'a T) -> Self {
        Self(PlainHashOf(NoHashOf(value)))
    }
}

impl<T: HashFloats + ?Sized> HashOf<'_, T> {
    /// The hash.
    ///
    /// # Errors
    /// None: there is one.
    pub fn result_hash(&self) -> Result<u64, String> {
        let mut hasher = AnswerHasher::default();
        self.0.0.0.hash_floats(&mut hasher);
        Ok(hasher.finish())
    }
}

impl<T: Hash + ?Sized> PlainHashOf<'_, T> {
    /// The hash.
    ///
    /// # Errors
    /// None: there is one.
    pub fn result_hash(&self) -> Result<u64, String> {
        Ok(hash_of(self.0.0))
    }
}

impl<T: ?Sized> NoHashOf<'_, T> {
    /// No hash.
    ///
    /// # Errors
    /// Always: the reason.
    pub fn result_hash(&self) -> Result<u64, String> {
        Err(format!("the result's type {} is not Hash", std::any::type_name::<T>()))
    }
}

impl<'a, T: ?Sized> Deref for HashOf<'a, T> {
    type Target = PlainHashOf<'a, T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<'a, T: ?Sized> Deref for PlainHashOf<'a, T> {
    type Target = NoHashOf<'a, T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// The beginning of a value that is `Debug`, …
pub struct PreviewOf<'a, T: ?Sized>(NoPreviewOf<'a, T>);

/// … or of one that is not: none.
pub struct NoPreviewOf<'a, T: ?Sized>(&'a T);

impl<'a, T: ?Sized> PreviewOf<'a, T> {
    /// Of this value.
    #[must_use]
    pub fn new(value: &'a T) -> Self {
        Self(NoPreviewOf(value))
    }
}

impl<T: Debug + ?Sized> PreviewOf<'_, T> {
    /// The beginning, where that was asked for.
    #[must_use]
    pub fn preview(&self) -> Option<String> {
        wants_preview().then(|| beginning(format_args!("{:?}", self.0.0)))
    }
}

impl<T: ?Sized> NoPreviewOf<'_, T> {
    /// None.
    #[must_use]
    pub fn preview(&self) -> Option<String> {
        None
    }
}

impl<'a, T: ?Sized> Deref for PreviewOf<'a, T> {
    type Target = NoPreviewOf<'a, T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Opaque;

    #[test]
    fn a_type_has_the_hash_that_it_can_have() {
        assert_eq!(HashOf::new(&7_u64).result_hash(), Ok(hash_of(&7_u64)));
        assert_eq!(HashOf::new(&1.5_f64).result_hash(), Ok(hash_of(&1.5_f64.to_bits())));
        assert_eq!(HashOf::new("a").result_hash(), Ok(hash_of("a")));
        let map = std::collections::BTreeMap::from([(1, "a")]);
        assert_eq!(HashOf::new(&map).result_hash(), Ok(hash_of(&map)));
        let reason = HashOf::new(&Opaque).result_hash().expect_err("it has none");
        assert!(reason.contains("Opaque is not Hash"), "{reason}");
    }

    #[test]
    fn a_text_is_hashed_as_other_languages_do() {
        let hash = |value: &dyn Display| Answer::of_text(value).hash;
        // As the runners beside the wire's description have them.
        assert_eq!(hash(&2_147_382_253_932_u64), Ok(0xd888_a902_e106_e3c4));
        assert_eq!(hash(&"2149055457"), Ok(0x6780_4859_eb88_0085));
        assert_eq!(hash(&0_u8), Ok(0xaf63_ad4c_8601_9caf));
        assert_eq!(hash(&format_args!("{}{}", 21, "49055457")), hash(&"2149055457"));
    }

    #[test]
    fn a_preview_is_bounded() {
        let debugged = |value: &dyn Debug| beginning(format_args!("{value:?}"));
        assert_eq!(debugged(&"a\"b"), r#""a\"b""#);
        assert_eq!(debugged(&vec![1; 1_000_000]).chars().count(), PREVIEW_CHARS_MAX);
        assert_eq!(debugged(&"ä".repeat(400)).chars().count(), PREVIEW_CHARS_MAX);
        assert_eq!(PreviewOf::new(&Opaque).preview(), None);
    }
}
