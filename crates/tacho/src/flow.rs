//! How the stages are chained.

pub(crate) mod commit;
pub(crate) mod export;
pub(crate) mod record;
pub(crate) mod summary;
pub(crate) mod whole_file;
