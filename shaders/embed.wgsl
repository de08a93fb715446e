// Rows of an embedding, times √d, plus the sinusoids of their positions: a thread makes four
// elements. The sinusoids come from a table, since sines on a GPU may be far less exact than sums.

// No kernel of rows is in use here; the codec's file wants its length.
const TILE_ROWS: u32 = 1;
const NO_TOKEN: u32 = 0xffffffffu;

struct Embedding {
    rows: u32,
    // Of 4 elements.
    blocks: u32,
    group_blocks: u32,
    // The position of all rows, or NO_TOKEN: then each has its own.
    step: u32,
    scale: f32,
}

@group(0) @binding(0) var<uniform> params: Embedding;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> positions: array<u32>;
@group(0) @binding(5) var<storage, read> sinusoids: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read_write> out: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.y;
    let block = id.x;
    if (block >= params.blocks || row >= params.rows) {
        return;
    }
    var position = params.step;
    if (position == NO_TOKEN) {
        position = positions[row];
    }
    var value = sinusoids[position * params.blocks + block];
    let token = tokens[row];
    if (token != NO_TOKEN) {
        value += params.scale * look_up(token, block, params.blocks, params.group_blocks);
    }
    out[row * params.blocks + block] = value;
}
