//! A row's point without copying a text: what a million rows are grouped by.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use tacho_schema::{CacheMode, Name, ParamValue, Point, Row};

/// The fields of a [`Point`], borrowed from it or from a row.
#[derive(PartialEq)]
pub(crate) struct Identity<'a> {
    function: &'a Name,
    params: &'a BTreeMap<String, ParamValue>,
    param: Option<u64>,
    variant: Option<&'a str>,
    threads: Option<u32>,
    cache_mode: Option<CacheMode>,
    stage: Option<&'a str>,
}

impl<'a> Identity<'a> {
    pub(crate) fn of_row(row: &'a Row) -> Self {
        Self {
            function: &row.function,
            params: &row.params,
            param: row.param,
            variant: row.variant.as_deref(),
            threads: row.threads,
            cache_mode: row.cache_mode,
            stage: row.stage.as_deref(),
        }
    }

    pub(crate) fn of_point(point: &'a Point) -> Self {
        Self {
            function: &point.function,
            params: &point.params,
            param: point.param,
            variant: point.variant.as_deref(),
            threads: point.threads,
            cache_mode: point.cache_mode,
            stage: point.stage.as_deref(),
        }
    }

    /// Equal for equal identities.
    pub(crate) fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.function.hash(&mut hasher);
        for (name, value) in self.params {
            name.hash(&mut hasher);
            match value {
                ParamValue::Integer(value) => value.hash(&mut hasher),
                // Adding zero makes one of the two zeros, which are equal.
                ParamValue::Float(value) => (value + 0.0).to_bits().hash(&mut hasher),
                ParamValue::Text(value) => value.hash(&mut hasher),
            }
        }
        self.param.hash(&mut hasher);
        self.variant.hash(&mut hasher);
        self.threads.hash(&mut hasher);
        self.cache_mode.map(CacheMode::as_str).hash(&mut hasher);
        self.stage.hash(&mut hasher);
        hasher.finish()
    }
}
