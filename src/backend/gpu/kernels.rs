//! The table of kernels: which files of `shaders/` make each one, and what it binds.

/// A kernel, named after its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kernel {
    /// Products of many rows.
    Product,
    /// Products of few rows.
    Matvec,
    /// A step of an SSRU layer.
    Ssru,
    /// Logits over candidates.
    Logits,
    /// The best candidate of each row.
    Best,
    /// Embedding with positions.
    Embed,
    /// Multi-head attention.
    Attention,
    /// Layer norm.
    Norm,
    /// The recurrence of the SSRU alone.
    Recurrence,
    /// Rows by number.
    Gather,
    /// Tokens by number.
    Select,
}

/// The form in which a kernel reads weights, named after its file in `shaders/codec/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Plain floats.
    F32,
    /// Half floats.
    F16,
    /// 8-bit codes, multiplied in integers.
    Int8,
    /// 4-bit codes in groups.
    Int4,
}

/// Parts of a kernel that are compiled in or out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Flags {
    /// The input is a sum that is still to be normalised.
    pub normalise: bool,
    /// A bias is added.
    pub bias: bool,
    /// `max(x, 0)` at the end.
    pub relu: bool,
    /// Another tensor is added.
    pub residual: bool,
}

/// A kernel as it is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Variant {
    /// Which.
    pub kernel: Kernel,
    /// For kernels that read weights.
    pub form: Option<Form>,
    /// What it has of that.
    pub flags: Flags,
}

/// How a kernel uses a binding, beside its parameters at binding 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// A storage buffer that is read.
    Read,
    /// A storage buffer that is written.
    Write,
}
use Access::{Read, Write};

/// A file of `shaders/`, as part of this program.
macro_rules! shader {
    ($path:literal) => {
        include_str!(concat!("../../../shaders/", $path, ".wgsl"))
    };
}

impl Kernel {
    /// Every kernel.
    pub const ALL: [Kernel; 11] = [
        Kernel::Product,
        Kernel::Matvec,
        Kernel::Ssru,
        Kernel::Logits,
        Kernel::Best,
        Kernel::Embed,
        Kernel::Attention,
        Kernel::Norm,
        Kernel::Recurrence,
        Kernel::Gather,
        Kernel::Select,
    ];

    /// The name of its file.
    pub fn name(self) -> &'static str {
        match self {
            Kernel::Product => "product",
            Kernel::Matvec => "matvec",
            Kernel::Ssru => "ssru",
            Kernel::Logits => "logits",
            Kernel::Best => "best",
            Kernel::Embed => "embed",
            Kernel::Attention => "attention",
            Kernel::Norm => "norm",
            Kernel::Recurrence => "recurrence",
            Kernel::Gather => "gather",
            Kernel::Select => "select",
        }
    }

    /// Whether it reads weights, and so exists once a form.
    pub fn reads_weights(self) -> bool {
        matches!(
            self,
            Kernel::Product | Kernel::Matvec | Kernel::Ssru | Kernel::Logits | Kernel::Embed
        )
    }

    /// Its storage buffers, from binding 1 on.
    pub(super) fn bindings(self) -> &'static [Access] {
        match self {
            // x, norm, weights, scales, bias, residual or state; out, and what else it writes.
            Kernel::Product | Kernel::Matvec | Kernel::Ssru => {
                &[Read, Read, Read, Read, Read, Read, Write, Write]
            }
            // x, norm, weights, scales, bias, offsets, candidates, logits.
            Kernel::Logits => &[Read, Read, Read, Read, Read, Read, Read, Write],
            // tokens, positions, weights, scales, sinusoids, out.
            Kernel::Embed => &[Read, Read, Read, Read, Read, Write],
            // logits, offsets, candidates, last tokens, tokens; q, k, v, spans, out.
            Kernel::Best | Kernel::Attention => &[Read, Read, Read, Read, Write],
            // forget, candidate, state; output, state.
            Kernel::Recurrence => &[Read, Read, Read, Write, Write],
            // x, residual, norm, out.
            Kernel::Norm => &[Read, Read, Read, Write],
            // From, which, to.
            Kernel::Gather | Kernel::Select => &[Read, Read, Write],
        }
    }

    fn main(self) -> &'static [&'static str] {
        match self {
            Kernel::Product => &[shader!("product"), shader!("lib/epilogue")],
            Kernel::Matvec => &[shader!("matvec"), shader!("lib/slices"), shader!("lib/epilogue")],
            Kernel::Ssru => &[shader!("ssru"), shader!("lib/slices")],
            Kernel::Logits => &[shader!("logits")],
            Kernel::Best => &[shader!("best")],
            Kernel::Embed => &[shader!("embed")],
            Kernel::Attention => &[shader!("attention"), shader!("lib/lanes")],
            Kernel::Norm => &[shader!("norm"), shader!("lib/lanes")],
            Kernel::Recurrence => &[shader!("recurrence"), shader!("lib/lanes")],
            Kernel::Gather => &[shader!("gather")],
            Kernel::Select => &[shader!("select")],
        }
    }
}

impl Form {
    /// Every form.
    pub const ALL: [Form; 4] = [Form::F32, Form::F16, Form::Int8, Form::Int4];

    /// The name of its file.
    pub fn name(self) -> &'static str {
        match self {
            Form::F32 => "f32",
            Form::F16 => "f16",
            Form::Int8 => "int8",
            Form::Int4 => "int4",
        }
    }

    fn reader(self) -> &'static [&'static str] {
        match self {
            Form::F32 => &[shader!("codec/f32"), shader!("lib/float")],
            Form::F16 => &[shader!("codec/f16"), shader!("lib/float")],
            Form::Int8 => &[shader!("codec/int8")],
            Form::Int4 => &[shader!("codec/int4"), shader!("lib/float")],
        }
    }
}

/// The whole text of a kernel: its own file and those that it builds on. `form` is that of its
/// weights, if it reads any.
pub fn source(kernel: Kernel, form: Option<Form>) -> String {
    let mut parts = kernel.main().to_vec();
    if let Some(form) = form {
        parts.extend([shader!("lib/rows"), shader!("lib/lanes")]);
        parts.extend(form.reader());
    }
    parts.join("\n")
}

/// The compile-time constants of a kernel with these flags: only those that it has.
pub(super) fn constants(kernel: Kernel, flags: Flags) -> Vec<(&'static str, f64)> {
    let mut constants = Vec::new();
    let mut set = |name, value: bool| constants.push((name, f64::from(u8::from(value))));
    if matches!(kernel, Kernel::Product | Kernel::Matvec | Kernel::Ssru | Kernel::Logits) {
        set("NORMALISE", flags.normalise);
    }
    if matches!(kernel, Kernel::Product | Kernel::Matvec) {
        set("BIAS", flags.bias);
        set("RELU", flags.relu);
    }
    if matches!(kernel, Kernel::Product | Kernel::Matvec | Kernel::Norm) {
        set("RESIDUAL", flags.residual);
    }
    constants
}

impl Variant {
    pub(super) fn plain(kernel: Kernel) -> Self {
        Variant { kernel, form: None, flags: Flags::default() }
    }

    pub(super) fn reading(kernel: Kernel, form: Form, flags: Flags) -> Self {
        Variant { kernel, form: Some(form), flags }
    }
}
