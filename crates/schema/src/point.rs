//! A point: one workload at one choice of parameters; what a number belongs to.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::name::Name;
use crate::row::{CacheMode, Row};

/// The value of one parameter: a number where the manifest wrote one, else a text.
#[derive(Clone, Debug, PartialEq)]
pub enum ParamValue {
    /// A whole number.
    Integer(i64),
    /// Any other finite number.
    Float(f64),
    /// A text.
    Text(String),
}

impl Eq for ParamValue {}

impl PartialOrd for ParamValue {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ParamValue {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        use ParamValue::{Float, Integer, Text};
        match (self, other) {
            (Integer(a), Integer(b)) => a.cmp(b),
            (Text(a), Text(b)) => a.cmp(b),
            (Float(a), Float(b)) => a.total_cmp(b),
            (Integer(_), _) | (Float(_), Text(_)) => std::cmp::Ordering::Less,
            (_, Integer(_)) | (Text(_), Float(_)) => std::cmp::Ordering::Greater,
        }
    }
}

impl fmt::Display for ParamValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(out, "{value}"),
            Self::Float(value) => write!(out, "{value}"),
            Self::Text(value) => out.write_str(value),
        }
    }
}

impl Serialize for ParamValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Integer(value) => serializer.serialize_i64(*value),
            Self::Float(value) => serializer.serialize_f64(*value),
            Self::Text(value) => serializer.serialize_str(value),
        }
    }
}

impl<'de> Deserialize<'de> for ParamValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;
        impl Visitor<'_> for Scalar {
            type Value = ParamValue;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a text or a number")
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<ParamValue, E> {
                Ok(ParamValue::Integer(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<ParamValue, E> {
                i64::try_from(value)
                    .map(ParamValue::Integer)
                    .map_err(|_| E::custom("a whole number over 9223372036854775807"))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<ParamValue, E> {
                Ok(ParamValue::Float(value))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<ParamValue, E> {
                Ok(ParamValue::Text(value.to_owned()))
            }
        }
        deserializer.deserialize_any(Scalar)
    }
}

impl schemars::JsonSchema for ParamValue {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ParamValue".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["string", "number"] })
    }
}

/// One workload at one choice of parameter, stage, variant, threads and cache mode.
///
/// Its `Display` is its identity, `group/name{level=6,threads=2}[stage]`: what filters and globs
/// match, what a baseline is joined on, and what a table prints.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// The workload's name.
    pub function: Name,
    /// The manifest's parameters, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, ParamValue>,
    /// The ladder's parameter of a parametric workload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub param: Option<u64>,
    /// Which implementation, among those of one group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// Threads given to the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Whether repeats share a process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_mode: Option<CacheMode>,
    /// One of several measurements that a process prints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
}

impl Point {
    /// A point with a name and nothing else chosen.
    #[must_use]
    pub fn named(function: Name) -> Self {
        Self {
            function,
            params: BTreeMap::new(),
            param: None,
            variant: None,
            threads: None,
            cache_mode: None,
            stage: None,
        }
    }

    /// The point that `row` belongs to.
    #[must_use]
    pub fn of(row: &Row) -> Self {
        Self {
            function: row.function.clone(),
            params: row.params.clone(),
            param: row.param,
            variant: row.variant.clone(),
            threads: row.threads,
            cache_mode: row.cache_mode,
            stage: row.stage.clone(),
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.function.as_str())?;
        let mut chosen: Vec<(&str, String)> =
            self.params.iter().map(|(name, value)| (name.as_str(), value.to_string())).collect();
        chosen.extend(self.param.map(|value| ("param", value.to_string())));
        chosen.extend(self.variant.clone().map(|value| ("variant", value)));
        chosen.extend(self.threads.map(|value| ("threads", value.to_string())));
        chosen.extend(self.cache_mode.map(|mode| ("cache", mode.as_str().to_owned())));
        if !chosen.is_empty() {
            out.write_str("{")?;
            for (index, (name, value)) in chosen.iter().enumerate() {
                let comma = if index == 0 { "" } else { "," };
                write!(out, "{comma}{name}={}", quoted(value))?;
            }
            out.write_str("}")?;
        }
        match &self.stage {
            Some(stage) => write!(out, "[{}]", quoted(stage)),
            None => Ok(()),
        }
    }
}

/// Quotes what would make an identity ambiguous; leaves ordinary values as they are.
fn quoted(value: &str) -> String {
    let plain = !value.is_empty()
        && !value.contains([',', '{', '}', '[', ']', '=', '"'])
        && value.trim() == value
        && !value.chars().any(char::is_control);
    if plain { value.to_owned() } else { format!("{value:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity() {
        let mut point = Point::named(Name::new("gzip/level").unwrap());
        assert_eq!(point.to_string(), "gzip/level");
        point.params.insert("level".into(), ParamValue::Integer(6));
        point.params.insert("file".into(), ParamValue::Text("a,b".into()));
        point.threads = Some(2);
        point.stage = Some("parse".into());
        assert_eq!(point.to_string(), r#"gzip/level{file="a,b",level=6,threads=2}[parse]"#);
    }

    #[test]
    fn param_values_survive_json() {
        for text in ["6", "-3", "2.5", "\"six\"", "\"6\""] {
            let value: ParamValue = serde_json::from_str(text).unwrap();
            assert_eq!(serde_json::to_string(&value).unwrap(), text);
        }
        assert!(serde_json::from_str::<ParamValue>("[1]").is_err());
        assert!(serde_json::from_str::<ParamValue>("18446744073709551615").is_err());
    }
}
