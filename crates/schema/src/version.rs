//! The schema versions of every document, and the one check that reads them.
//!
//! Adding an optional key does not raise a version; removing, renaming, retyping or newly
//! requiring one does. Before raising one, answer: can an old reader take new data? Can the new
//! reader take old data? Can an old writer's data still be stored?

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A version number that a document carries and a reader insists on.
///
/// `Version::<1>` encodes as the number 1 and refuses to decode from any other number, naming
/// the one it found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Version<const N: u32>;

impl<const N: u32> Serialize for Version<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(N)
    }
}

impl<'de, const N: u32> Deserialize<'de> for Version<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found = u64::deserialize(deserializer)?;
        if found == u64::from(N) {
            Ok(Self)
        } else {
            Err(D::Error::custom(format_args!(
                "unknown schema_version {found}: this program reads version {N}"
            )))
        }
    }
}

impl<const N: u32> schemars::JsonSchema for Version<N> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Version{N}").into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "const": N })
    }
}
