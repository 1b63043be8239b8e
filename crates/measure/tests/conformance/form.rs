//! What a value in a transcript may be: itself, or one of the forms that stand for many.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::Value;

/// What a value must be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Form {
    /// Exactly this.
    Exactly(Value),
    /// A whole number, at least so large.
    Whole(u64),
    /// A number.
    Number,
    /// Text with something in it.
    Text,
    /// Text that holds this.
    Has(String),
    /// `"0x…"`, the same at every place with this label in the file.
    Same(String),
    /// Null, or not there.
    Absent,
    /// This, or nothing.
    Optional(Box<Form>),
}

/// The values that were found at labels.
pub(crate) type Labels = BTreeMap<String, Value>;

impl FromStr for Form {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(form) = text.strip_suffix('?') {
            return Ok(Self::Optional(Box::new(form.parse()?)));
        }
        if let Some(fragment) = text.strip_prefix(":has ") {
            return Ok(Self::Has(fragment.to_owned()));
        }
        if let Some(label) = text.strip_prefix(":same-") {
            return Ok(Self::Same(label.to_owned()));
        }
        match text {
            ":count" => Ok(Self::Whole(0)),
            ":positive" => Ok(Self::Whole(1)),
            ":several" => Ok(Self::Whole(2)),
            ":number" => Ok(Self::Number),
            ":text" => Ok(Self::Text),
            ":absent" => Ok(Self::Absent),
            _ => serde_json::from_str(text)
                .map(Self::Exactly)
                .map_err(|_| format!("{text:?} is neither JSON nor a form")),
        }
    }
}

impl Form {
    /// Whether `found` is of this form; null and absent are one.
    pub(crate) fn fits(&self, found: &Value, labels: &mut Labels) -> bool {
        match self {
            Self::Exactly(value) => value == found,
            Self::Whole(least) => found.as_u64().is_some_and(|number| number >= *least),
            Self::Number => found.is_number(),
            Self::Text => found.as_str().is_some_and(|text| !text.is_empty()),
            Self::Has(fragment) => found.as_str().is_some_and(|text| text.contains(fragment)),
            Self::Same(label) => {
                let is_hash =
                    found.as_str().and_then(|text| text.strip_prefix("0x")).is_some_and(|digits| {
                        !digits.is_empty() && digits.chars().all(|c| c.is_ascii_hexdigit())
                    });
                is_hash && labels.entry(label.clone()).or_insert_with(|| found.clone()) == found
            }
            Self::Absent => found.is_null(),
            Self::Optional(form) => found.is_null() || form.fits(found, labels),
        }
    }

    /// Whether a word, or the rest of a line, is of this form.
    pub(crate) fn fits_text(&self, text: &str) -> bool {
        let found = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
        self.fits(&found, &mut Labels::new())
    }
}

/// The value of a key, whose dots lead inside; null where it is not there.
pub(crate) fn at<'a>(object: &'a Value, key: &str) -> &'a Value {
    key.split('.').fold(object, |inside, part| &inside[part])
}

#[test]
fn forms_fit_what_they_stand_for_and_nothing_else() {
    let all = ["null", "0", "1", "7", "-1", "1.5", "\"\"", "\"0xab\"", "\"a word\"", "true"];
    for (form, fitting) in [
        ("1.5", &["1.5"][..]),
        ("\"0xab\"", &["\"0xab\""]),
        (":count", &["0", "1", "7"]),
        (":positive", &["1", "7"]),
        (":several", &["7"]),
        (":positive?", &["null", "1", "7"]),
        (":number", &["0", "1", "7", "-1", "1.5"]),
        (":text", &["\"0xab\"", "\"a word\""]),
        (":has word", &["\"a word\""]),
        (":same-x", &["\"0xab\""]),
        (":absent", &["null"]),
    ] {
        let form: Form = form.parse().unwrap();
        let fits =
            |text: &&str| form.fits(&serde_json::from_str(text).unwrap(), &mut Labels::new());
        let found: Vec<&str> = all.into_iter().filter(fits).collect();
        assert_eq!(found, fitting, "{form:?}");
    }
    assert!(":hash".parse::<Form>().is_err());
}

#[test]
fn a_label_keeps_its_first_value() {
    let mut labels = Labels::new();
    let form: Form = ":same-x".parse().unwrap();
    for (text, expected) in [("0x1", true), ("0x1", true), ("0x2", false), ("0x1", true)] {
        assert_eq!(form.fits(&Value::from(text), &mut labels), expected, "{text}");
    }
}
