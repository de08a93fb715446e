//! Bytes to named tensors and back: our package, Marian's files, lexical shortlists,
//! screenings.

pub mod architecture;
#[cfg(feature = "import")]
pub mod bergamot;
#[cfg(feature = "import")]
mod marian_config;
#[cfg(feature = "import")]
mod marian_names;
#[cfg(feature = "import")]
mod marian_options;
pub mod package;
mod reader;
pub mod screening;
pub mod shortlist;

pub use architecture::Architecture;
pub use package::{Languages, Metadata, Package, Provenance, SourceFile};
pub use screening::Screening;
