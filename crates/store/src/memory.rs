//! The store that keeps nothing: measure without a history.

use std::collections::BTreeMap;

use tacho_schema::{Baseline, CaptureHeader, CaptureId, CaptureSummary, PlanDoc, Row};

use crate::error::{Fault, StoreError};
use crate::intake::Intake;
use crate::store::{CaptureEntry, Query, RowSourceError, Store, StoredCapture};

/// A store in this process's memory: behaves as any other, and is gone when it is dropped.
///
/// It holds every row; not for captures of a size that does not fit.
#[derive(Debug, Default)]
pub struct MemoryStore {
    captures: BTreeMap<CaptureId, (StoredCapture, Vec<Row>)>,
    baselines: BTreeMap<String, Baseline>,
}

impl MemoryStore {
    fn kept(&self, id: &CaptureId) -> Result<&(StoredCapture, Vec<Row>), StoreError> {
        self.captures.get(id).ok_or_else(|| error(Fault::UnknownCapture(id.clone())))
    }
}

fn error(fault: Fault) -> StoreError {
    fault.of("memory:")
}

impl Store for MemoryStore {
    fn append(
        &mut self,
        header: &CaptureHeader,
        plan: &PlanDoc,
        rows: &mut dyn Iterator<Item = Result<Row, RowSourceError>>,
        summary: &CaptureSummary,
    ) -> Result<(), StoreError> {
        if self.captures.contains_key(&header.id) {
            return Err(error(Fault::AlreadyCommitted(header.id.clone())));
        }
        let mut intake = Intake::new(header, plan, rows, summary.rows).map_err(error)?;
        let mut kept = Vec::new();
        while let Some(row) = intake.next_row().map_err(error)? {
            kept.push(row);
        }
        let capture =
            StoredCapture { header: header.clone(), plan: plan.clone(), summary: summary.clone() };
        self.captures.insert(header.id.clone(), (capture, kept));
        Ok(())
    }

    fn captures(&self, query: &Query) -> Result<Vec<CaptureEntry>, StoreError> {
        let prefix = query.id_prefix.as_deref().unwrap_or("");
        let mut found: Vec<&StoredCapture> = self
            .captures
            .iter()
            .filter(|(id, _)| id.as_str().starts_with(prefix))
            .map(|(_, (capture, _))| capture)
            .collect();
        found.sort_by_key(|kept| std::cmp::Reverse((kept.header.started_unix_ms, &kept.header.id)));
        found.truncate(query.limit.map_or(usize::MAX, |limit| limit as usize));
        Ok(found
            .into_iter()
            .map(|kept| CaptureEntry { header: kept.header.clone(), summary: kept.summary.clone() })
            .collect())
    }

    fn capture(&self, id: &CaptureId) -> Result<StoredCapture, StoreError> {
        Ok(self.kept(id)?.0.clone())
    }

    fn rows(&self, id: &CaptureId, visit: &mut dyn FnMut(Row)) -> Result<(), StoreError> {
        self.kept(id)?.1.iter().cloned().for_each(visit);
        Ok(())
    }

    fn baseline_set(&mut self, baseline: &Baseline) -> Result<(), StoreError> {
        self.kept(&baseline.capture)?;
        self.baselines.insert(baseline.name.clone(), baseline.clone());
        Ok(())
    }

    fn baselines(&self) -> Result<Vec<Baseline>, StoreError> {
        Ok(self.baselines.values().cloned().collect())
    }

    fn baseline_remove(&mut self, name: &str) -> Result<(), StoreError> {
        match self.baselines.remove(name) {
            Some(_) => Ok(()),
            None => Err(error(Fault::UnknownBaseline(name.to_owned()))),
        }
    }
}
