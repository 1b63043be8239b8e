//! Tags: words by which workloads are selected together.

use tacho_schema::name::check_identifier;
use toml::de::DeValue;

use super::{Refused, Value, refused, text, wrong_kind};

/// Reads tags from the manifest: an array of identifiers.
pub(crate) fn read(value: &Value<'_>) -> Result<Vec<String>, Refused> {
    const EXPECTED: &str = "tags such as [\"fast\"]";
    let DeValue::Array(tags) = value.get_ref() else {
        return Err(wrong_kind(value, EXPECTED));
    };
    tags.iter().map(tag).collect()
}

fn tag(value: &Value<'_>) -> Result<String, Refused> {
    let tag = text(value, "a text for each tag")?;
    check_identifier(tag).map_err(|fault| refused(value, fault))?;
    Ok(tag.to_owned())
}
