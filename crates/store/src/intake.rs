//! What every store asks of a capture before it is taken in: finite numbers, the promised rows.

use tacho_schema::{CaptureHeader, ParamValue, PlanDoc, Row};

use crate::error::Fault;
use crate::store::RowSourceError;

/// Hands out rows one by one, checks each, and holds their number against the summary's.
pub(crate) struct Intake<'a> {
    rows: &'a mut dyn Iterator<Item = Result<Row, RowSourceError>>,
    expected: u64,
    found: u64,
}

impl<'a> Intake<'a> {
    /// Checks the documents around the rows, and expects `expected` of them.
    ///
    /// # Errors
    /// [`Fault::NotFinite`] for a number in `header` or `plan` that would not come back.
    pub(crate) fn new(
        header: &CaptureHeader,
        plan: &PlanDoc,
        rows: &'a mut dyn Iterator<Item = Result<Row, RowSourceError>>,
        expected: u64,
    ) -> Result<Self, Fault> {
        refuse(header_key(header), || "the capture's header".to_owned())?;
        refuse(plan_key(plan), || "the capture's plan".to_owned())?;
        Ok(Self { rows, expected, found: 0 })
    }

    /// The next row, or `None` after the last of the expected number.
    ///
    /// # Errors
    /// [`Fault::RowSource`], [`Fault::NotFinite`]; at the end [`Fault::RowCount`].
    pub(crate) fn next_row(&mut self) -> Result<Option<Row>, Fault> {
        let Some(row) = self.rows.next() else {
            return if self.found == self.expected {
                Ok(None)
            } else {
                Err(Fault::RowCount { expected: self.expected, found: self.found })
            };
        };
        let row = row.map_err(|source| Fault::RowSource { source })?;
        refuse(row_key(&row), || format!("row {}", self.found))?;
        self.found += 1;
        Ok(Some(row))
    }
}

fn refuse(key: Option<&str>, place: impl FnOnce() -> String) -> Result<(), Fault> {
    match key {
        Some(key) => Err(Fault::NotFinite { key: key.to_owned(), place: place() }),
        None => Ok(()),
    }
}

fn header_key(header: &CaptureHeader) -> Option<&'static str> {
    if header.spawn_floor_nanos.is_some_and(|value| !value.is_finite()) {
        return Some("spawn_floor_nanos");
    }
    let shell = header.shell.as_ref()?;
    (!shell.median_nanos.is_finite()).then_some("median_nanos")
}

fn plan_key(plan: &PlanDoc) -> Option<&str> {
    plan.points.iter().find_map(|planned| {
        if !planned.precision.0.is_finite() {
            return Some("precision");
        }
        param_key(&planned.point.params)
    })
}

fn row_key(row: &Row) -> Option<&str> {
    if row.per_call_nanos.is_some_and(|value| !value.is_finite()) {
        return Some("per_call_nanos");
    }
    if row.samples.iter().flatten().any(|value| !value.is_finite()) {
        return Some("samples");
    }
    if row.conditions.as_ref().and_then(|at| at.load1).is_some_and(|load| !load.is_finite()) {
        return Some("load1");
    }
    let metric = row.metrics.iter().find(|(_, value)| !value.is_finite());
    metric.map(|(name, _)| name.as_str()).or_else(|| param_key(&row.params))
}

fn param_key(params: &std::collections::BTreeMap<String, ParamValue>) -> Option<&str> {
    let is_bad = |value: &ParamValue| matches!(value, ParamValue::Float(x) if !x.is_finite());
    params.iter().find(|(_, value)| is_bad(value)).map(|(name, _)| name.as_str())
}
