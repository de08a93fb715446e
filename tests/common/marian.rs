//! A Marian model small enough for a test: every kind of tensor that a real one has, with values
//! that are the same on every run.

use std::collections::BTreeMap;

use pocketglot::format::Architecture;
use pocketglot::format::architecture::DecoderCell;

/// Marian's type codes.
pub const FLOAT32: u64 = 0x0404;
pub const INT8: u64 = 0x0101;
pub const INTGEMM8: u64 = 0x4101;

/// Marian pads every tensor's data to this many bytes.
const ALIGNMENT: usize = 256;
const WIDTH: usize = 8;
const FFN: usize = 12;
const ENCODER_LAYERS: usize = 2;
const DECODER_LAYERS: usize = 1;

/// How the file holds its matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Codes with a multiplier, and a multiplier for what they are multiplied by.
    Int8,
    /// Plain floats.
    Float,
}

/// One tensor as the file lists it.
#[derive(Clone, Debug)]
pub struct Item {
    pub name: Vec<u8>,
    pub kind: u64,
    pub shape: Vec<i32>,
    /// With multiplier and padding.
    pub data: Vec<u8>,
}

/// What an import must make of one matrix.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// `[out, in]`; of the embedding `[vocabulary, width]`.
    pub shape: [usize; 2],
    /// Row-major.
    pub values: Values,
}

#[derive(Clone, Debug)]
pub enum Values {
    Int8 { codes: Vec<i8>, scale: f32, input_scale: f32 },
    Float(Vec<f32>),
}

/// A file in parts, and what is in it under our names.
#[derive(Clone, Debug)]
pub struct Tiny {
    pub items: Vec<Item>,
    pub architecture: Architecture,
    pub matrices: BTreeMap<String, Matrix>,
    pub vectors: BTreeMap<String, Vec<f32>>,
}

impl Tiny {
    /// Two encoder layers and one decoder layer, for `vocabulary` pieces.
    pub fn new(form: Form, vocabulary: usize) -> Self {
        let architecture = Architecture {
            width: WIDTH,
            heads: 2,
            ffn: FFN,
            encoder_layers: ENCODER_LAYERS,
            decoder_layers: DECODER_LAYERS,
            vocabulary,
            decoder_cell: DecoderCell::Ssru,
            encoder_sizes: Vec::new(),
            decoder_sizes: Vec::new(),
        };
        let tiny = Tiny {
            items: Vec::new(),
            architecture,
            matrices: BTreeMap::new(),
            vectors: BTreeMap::new(),
        };
        let mut builder = Builder { tiny, form, random: Random(7) };
        builder.embedding(vocabulary);
        for layer in 1..=DECODER_LAYERS {
            let (marian, ours) = (format!("decoder_l{layer}_"), format!("decoder.{}.", layer - 1));
            builder.attention(&format!("{marian}context"), &format!("{ours}cross"));
            builder.ffn(&format!("{marian}ffn"), &format!("{ours}ffn"));
            builder.ssru(&format!("{marian}rnn"), &format!("{ours}ssru"));
        }
        for layer in 1..=ENCODER_LAYERS {
            let (marian, ours) = (format!("encoder_l{layer}_"), format!("encoder.{}.", layer - 1));
            builder.attention(&format!("{marian}self"), &format!("{ours}attention"));
            builder.ffn(&format!("{marian}ffn"), &format!("{ours}ffn"));
        }
        builder.config(vocabulary);
        builder.tiny
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        file(&self.items)
    }
}

/// Marian's `.bin` of these tensors.
pub fn file(items: &[Item]) -> Vec<u8> {
    let mut file = Vec::new();
    let words = |file: &mut Vec<u8>, words: &[u64]| {
        file.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    };
    words(&mut file, &[1, items.len() as u64]);
    for Item { name, kind, shape, data } in items {
        let [name, rank, data] = [name.len() + 1, shape.len(), data.len()].map(|n| n as u64);
        words(&mut file, &[name, *kind, rank, data]);
    }
    for item in items {
        file.extend(&item.name);
        file.push(0);
    }
    for item in items {
        file.extend(item.shape.iter().flat_map(|side| side.to_le_bytes()));
    }
    let padding = file.len().next_multiple_of(ALIGNMENT) - file.len();
    words(&mut file, &[padding as u64]);
    file.resize(file.len() + padding, 0);
    for item in items {
        file.extend(&item.data);
    }
    file
}

/// A sound shortlist: the first 50 pieces, and one or two more for each source token.
pub fn shortlist(vocabulary: usize) -> Vec<u8> {
    let mut random = Random(11);
    let mut ids: Vec<u32> = Vec::new();
    let mut offsets = vec![0u64];
    for token in 0..vocabulary {
        ids.extend((0..=token % 2).map(|_| random.below(vocabulary) as u32));
        offsets.push(ids.len() as u64);
    }
    let counts = [50, 50, offsets.len() as u64, ids.len() as u64];
    let mut body: Vec<u8> =
        counts.iter().chain(&offsets).flat_map(|word| word.to_le_bytes()).collect();
    body.extend(ids.iter().flat_map(|id| id.to_le_bytes()));
    let mut file = 0xF11A_48D5_0134_17F5u64.to_le_bytes().to_vec();
    file.extend(checksum(&body).to_le_bytes());
    file.extend(body);
    file
}

/// Marian's checksum over whole words.
pub fn checksum(bytes: &[u8]) -> u64 {
    let words = bytes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
    words.fold(0, |sum: u64, word| {
        let mixed = word.wrapping_add(0x9e37_79b9).wrapping_add(sum << 6).wrapping_add(sum >> 2);
        sum ^ mixed
    })
}

struct Builder {
    tiny: Tiny,
    form: Form,
    random: Random,
}

impl Builder {
    fn embedding(&mut self, vocabulary: usize) {
        self.matrix("Wemb", "none_QuantMultA", "embedding", [vocabulary, WIDTH], false);
        if self.form == Form::Int8 {
            // Production writes it and does not read it.
            self.scalar("Wemb_QuantMultA", INTGEMM8, &[7, 0, 0, 128, 63]);
        }
        self.vector("decoder_ff_logit_out_b", "output.bias", vocabulary);
    }

    fn attention(&mut self, marian: &str, ours: &str) {
        for part in ["k", "o", "q", "v"] {
            self.product(&format!("{marian}_W{part}"), &format!("{ours}.{part}"), [WIDTH, WIDTH]);
            self.vector(&format!("{marian}_b{part}"), &format!("{ours}.{part}.bias"), WIDTH);
        }
        self.norm(&format!("{marian}_Wo"), ours);
    }

    fn ffn(&mut self, marian: &str, ours: &str) {
        self.product(&format!("{marian}_W1"), &format!("{ours}.w1"), [FFN, WIDTH]);
        self.vector(&format!("{marian}_b1"), &format!("{ours}.w1.bias"), FFN);
        self.product(&format!("{marian}_W2"), &format!("{ours}.w2"), [WIDTH, FFN]);
        self.vector(&format!("{marian}_b2"), &format!("{ours}.w2.bias"), WIDTH);
        self.norm(&format!("{marian}_ffn"), ours);
    }

    fn ssru(&mut self, marian: &str, ours: &str) {
        self.product(&format!("{marian}_W"), &format!("{ours}.candidate"), [WIDTH, WIDTH]);
        self.product(&format!("{marian}_Wf"), &format!("{ours}.forget"), [WIDTH, WIDTH]);
        self.vector(&format!("{marian}_bf"), &format!("{ours}.forget.bias"), WIDTH);
        self.norm(&format!("{marian}_ffn"), ours);
    }

    fn norm(&mut self, marian: &str, ours: &str) {
        self.vector(&format!("{marian}_ln_scale"), &format!("{ours}.norm.scale"), WIDTH);
        self.vector(&format!("{marian}_ln_bias"), &format!("{ours}.norm.bias"), WIDTH);
    }

    /// A matrix of a product x·W, which is `[out, in]` to us and (in, out) to Marian.
    fn product(&mut self, marian: &str, ours: &str, shape: [usize; 2]) {
        self.matrix(marian, &format!("{marian}_QuantMultA"), ours, shape, true);
    }

    fn matrix(
        &mut self,
        marian: &str,
        multiplier: &str,
        ours: &str,
        shape: [usize; 2],
        product: bool,
    ) {
        let [rows, columns] = shape;
        let random = &mut self.random;
        let (kind, data, values) = match self.form {
            Form::Int8 => {
                let codes: Vec<i8> =
                    (0..rows * columns).map(|_| random.next().to_le_bytes()[0] as i8).collect();
                let (scale, input_scale) = (100.0 + random.unit(), 20.0 + random.unit());
                // Codes stand out-major in the file already.
                let mut data: Vec<u8> = codes.iter().map(|code| code.cast_unsigned()).collect();
                data.extend(scale.to_le_bytes());
                (INTGEMM8, data, Values::Int8 { codes, scale, input_scale })
            }
            Form::Float => {
                let values: Vec<f32> = (0..rows * columns).map(|_| random.unit()).collect();
                let stored: Vec<f32> = match product {
                    true => (0..columns)
                        .flat_map(|column| (0..rows).map(move |row| row * columns + column))
                        .map(|at| values[at])
                        .collect(),
                    false => values.clone(),
                };
                (FLOAT32, stored.iter().flat_map(|v| v.to_le_bytes()).collect(), {
                    Values::Float(values)
                })
            }
        };
        let sides = if product { [columns, rows] } else { [rows, columns] };
        self.item(marian, kind, sides.to_vec(), data);
        if let Values::Int8 { input_scale, .. } = values {
            self.scalar(multiplier, FLOAT32, &input_scale.to_le_bytes());
        }
        self.tiny.matrices.insert(ours.to_owned(), Matrix { shape, values });
    }

    fn vector(&mut self, marian: &str, ours: &str, length: usize) {
        let values: Vec<f32> = (0..length).map(|_| self.random.unit()).collect();
        let data = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.item(marian, FLOAT32, vec![1, length], data);
        self.tiny.vectors.insert(ours.to_owned(), values);
    }

    fn scalar(&mut self, marian: &str, kind: u64, data: &[u8]) {
        self.item(marian, kind, vec![1, 1], data.to_vec());
    }

    fn config(&mut self, vocabulary: usize) {
        // As Marian writes it, with options that change nothing for us.
        let text = format!(
            "bert-train-type-embeddings: true\ndec-cell: ssru\ndec-depth: {DECODER_LAYERS}\n\
             dim-emb: {WIDTH}\ndim-vocabs:\n  - {vocabulary}\n  - {vocabulary}\nenc-cell: gru\n\
             enc-depth: {ENCODER_LAYERS}\ninput-types: []\nlemma-dim-emb: 0\n\
             output-omit-bias: false\ntied-embeddings-all: true\ntransformer-decoder-autoreg: rnn\n\
             transformer-dim-ffn: {FFN}\ntransformer-ffn-activation: relu\n\
             transformer-ffn-depth: 2\ntransformer-heads: 2\ntransformer-no-projection: false\n\
             transformer-postprocess: dan\ntransformer-postprocess-emb: d\n\
             transformer-postprocess-top: \"\"\ntransformer-preprocess: \"\"\n\
             transformer-tied-layers: []\ntransformer-train-position-embeddings: false\n\
             type: transformer\nversion: v1.9.56 94aeaa46 2021-04-28 00:28:35 +0100\n\0"
        );
        let item = Item {
            name: b"special:model.yml".to_vec(),
            kind: INT8,
            shape: vec![text.len() as i32],
            data: text.into_bytes(),
        };
        self.tiny.items.push(item);
    }

    fn item(&mut self, marian: &str, kind: u64, shape: Vec<usize>, mut data: Vec<u8>) {
        data.resize(data.len().next_multiple_of(ALIGNMENT), 0);
        let shape = shape.into_iter().map(|side| side as i32).collect();
        self.tiny.items.push(Item { name: marian.into(), kind, shape, data });
    }
}

/// Numbers that look random and are the same on every run: Steele et al. 2014, SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In −1…1, with every bit of a float in use.
    pub fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}
