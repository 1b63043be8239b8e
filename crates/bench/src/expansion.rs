//! What the attribute's expansion stands on: no part of the face, and free to change.

pub use crate::answer::{Answer, HashOf, PreviewOf};
pub use crate::args::{Said, Values, copy_of, each, full_name, half_open, stepped};
pub use crate::registry::Registration;
pub use inventory::submit;
