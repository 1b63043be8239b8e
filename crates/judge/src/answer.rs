//! What a point's processes answered: the first hash, and whether the others have the same.

use tacho_schema::{Answer, Row, Status};

use crate::policy::PREVIEW_CHARACTERS_MAX;

/// The answers of the rows of one point, reduced to the two earliest that differ.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    earliest: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    order: u64,
    hash: String,
    preview: Option<String>,
}

impl Answers {
    /// Takes a row's answer into account, a wrong one too. A row that failed otherwise has none.
    pub(crate) fn add(&mut self, row: &Row, order: u64) {
        let Some(hash) = &row.result_hash else { return };
        if !matches!(row.status, Status::Ok | Status::WrongAnswer) {
            return;
        }
        match self.earliest.iter_mut().find(|known| known.hash == *hash) {
            Some(known) => {
                known.order = known.order.min(order);
                known.preview = known.preview.take().or_else(|| preview(row));
            }
            None => self.earliest.push(Known { order, hash: hash.clone(), preview: preview(row) }),
        }
        self.earliest.sort_by_key(|known| known.order);
        self.earliest.truncate(2);
    }

    /// What was answered; `None` where no row told a hash.
    pub(crate) fn found(&self) -> Option<Answer> {
        let first = self.earliest.first()?;
        Some(Answer {
            result_hash: first.hash.clone(),
            result_preview: first.preview.clone(),
            other_hash: self.earliest.get(1).map(|other| other.hash.clone()),
        })
    }
}

fn preview(row: &Row) -> Option<String> {
    Some(row.result_preview.as_ref()?.chars().take(PREVIEW_CHARACTERS_MAX).collect())
}
