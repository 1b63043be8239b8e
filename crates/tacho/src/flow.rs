//! How the stages are chained.

pub(crate) mod commit;
pub(crate) mod export;
pub(crate) mod quiesce;
pub(crate) mod record;
pub(crate) mod summary;
