//! One error type: what kind of failure, where it happened, and what was wrong.

use std::fmt;

/// A shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in a form that programs can match on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A file or a value breaks the rules of its format.
    Malformed,
    /// Well-formed, but of a kind that this build cannot run.
    Unsupported,
    /// A caller passed something out of range or contradictory.
    InvalidInput,
    /// Reading or writing failed.
    Io,
    /// A graphics processor is not there, has no room, or stopped.
    Device,
    /// A mistake of this crate, on another thread than the caller's.
    Internal,
}

impl Kind {
    /// A stable name for logs and for JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Malformed => "Malformed",
            Kind::Unsupported => "Unsupported",
            Kind::InvalidInput => "InvalidInput",
            Kind::Io => "Io",
            Kind::Device => "Device",
            Kind::Internal => "Internal",
        }
    }
}

/// A failure with its place: `context` reads from the outside in, joined by colons.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: Kind,
    context: Vec<String>,
    message: String,
}

impl Error {
    /// An error of `kind` with what was wrong, in words for people.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, context: Vec::new(), message: message.into() }))
    }

    /// A file or a value that breaks the rules of its format.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(Kind::Malformed, message)
    }

    /// Something well-formed that this build cannot run.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(Kind::Unsupported, message)
    }

    /// An argument that makes no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Kind::InvalidInput, message)
    }

    /// A failure of a graphics processor.
    pub fn device(message: impl Into<String>) -> Self {
        Self::new(Kind::Device, message)
    }

    /// The same error, seen from one level further out: `place: message`.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.0.context.insert(0, place.into());
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in &self.0.context {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({self})", self.0.kind.name())
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(Kind::Io, error.to_string())
    }
}

/// Adds a place to the error of a result.
pub trait At<T> {
    /// See [`Error::at`].
    fn at(self, place: impl Into<String>) -> Result<T>;
}

impl<T, E: Into<Error>> At<T> for std::result::Result<T, E> {
    fn at(self, place: impl Into<String>) -> Result<T> {
        self.map_err(|error| error.into().at(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_from_the_outside_in() {
        let error =
            Error::malformed("expected 4 bytes, the file holds 3").at("header").at("model.bin");
        assert_eq!(error.to_string(), "model.bin: header: expected 4 bytes, the file holds 3");
        assert_eq!(error.kind(), Kind::Malformed);
    }
}
