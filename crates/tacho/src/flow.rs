//! How the stages are chained.

pub(crate) mod commit;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod quiesce;
pub(crate) mod record;
pub(crate) mod summary;
pub(crate) mod whole_file;
