//! A capture's points as small numbers, found for a row without copying or formatting its point.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

use tacho_schema::{CacheMode, ParamValue, Point, Row};

/// Numbers points from 0 in the order in which rows first bring them.
#[derive(Debug, Default)]
pub(super) struct PointNumbers {
    points: Vec<Point>,
    by_hash: HashMap<u64, Vec<u32>>,
    hasher: RandomState,
}

impl PointNumbers {
    /// The number of `row`'s point, and the point itself when it is the first row of it.
    pub(super) fn number(&mut self, row: &Row) -> (u32, Option<&Point>) {
        let candidates = self.by_hash.entry(hash(&self.hasher, row)).or_default();
        let known = candidates.iter().find(|number| belongs(row, &self.points[**number as usize]));
        if let Some(number) = known {
            return (*number, None);
        }
        let number =
            u32::try_from(self.points.len()).expect("four billion points do not fit into memory");
        candidates.push(number);
        self.points.push(Point::of(row));
        (number, self.points.last())
    }
}

fn hash(state: &RandomState, row: &Row) -> u64 {
    let mut hasher = state.build_hasher();
    row.function.hash(&mut hasher);
    for (name, value) in &row.params {
        name.hash(&mut hasher);
        match value {
            ParamValue::Integer(value) => value.hash(&mut hasher),
            ParamValue::Float(value) => value.to_bits().hash(&mut hasher),
            ParamValue::Text(value) => value.hash(&mut hasher),
        }
    }
    (row.param, &row.variant, row.threads, &row.stage).hash(&mut hasher);
    row.cache_mode.map(CacheMode::as_str).hash(&mut hasher);
    hasher.finish()
}

fn belongs(row: &Row, point: &Point) -> bool {
    let Point { function, params, param, variant, threads, cache_mode, stage } = point;
    row.function == *function
        && row.params == *params
        && row.param == *param
        && row.variant == *variant
        && row.threads == *threads
        && row.cache_mode == *cache_mode
        && row.stage == *stage
}
