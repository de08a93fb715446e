// The rows of activations that a workgroup multiplies: read from memory, normalised where the layer
// before left that to its reader, and staged in workgroup memory in the form that the codec's
// products want. Needs TILE_ROWS and a codec.

struct Product {
    // Activations [rows, width], in vec4 units; the last of a row may be padded.
    rows: u32,
    width: u32,
    x_offset: u32,
    x_stride: u32,
    // Weights [columns, width]: blocks of 4 along the input, blocks of 4 columns in a part of a
    // stack, and in all parts.
    blocks: u32,
    part_columns: u32,
    columns: u32,
    // The multiplier of activations for integer products; 0 where each row has its own.
    input_scale: f32,
    // Blocks of 4 along the input that share a scale.
    group_blocks: u32,
    // Where the residual, or the recurrence's state, begins, and its rows' length in vec4.
    residual_offset: u32,
    residual_stride: u32,
}

@group(0) @binding(0) var<uniform> product: Product;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
// Scale, then bias, each padded to whole vec4.
@group(0) @binding(2) var<storage, read> norm: array<vec4<f32>>;

// Whether rows of x are sums that are still to be normalised.
override NORMALISE: bool = false;

const EPSILON: f32 = 1e-6;
const THREADS: u32 = 64;
// Blocks of 4 along the input that are staged at a time.
const CHUNK: u32 = 64;
const ROW_THREADS: u32 = THREADS / TILE_ROWS;

var<workgroup> staged: array<Staged, TILE_ROWS * CHUNK>;
var<workgroup> partial: array<f32, THREADS>;
var<workgroup> partial_squares: array<f32, THREADS>;
var<workgroup> means: array<f32, TILE_ROWS>;
var<workgroup> inverses: array<f32, TILE_ROWS>;
// The multiplier with which a row becomes codes, and the value of one unit.
var<workgroup> multipliers: array<f32, TILE_ROWS>;
var<workgroup> units: array<f32, TILE_ROWS>;

fn raw(row: u32, block: u32) -> vec4<f32> {
    return x[product.x_offset + row * product.x_stride + block];
}

// Which of the four columns of a block lie within the width.
fn within(block: u32) -> vec4<bool> {
    return vec4<u32>(4u * block) + vec4<u32>(0u, 1u, 2u, 3u) < vec4<u32>(product.width);
}

// A block of row tile_row of this workgroup, normalised if need be; padding is 0.
fn input(first: u32, tile_row: u32, block: u32) -> vec4<f32> {
    let value = raw(first + tile_row, block);
    if (!NORMALISE) {
        return value;
    }
    let normal = (value - means[tile_row]) * inverses[tile_row];
    return normal * norm[block] + norm[product.x_stride + block];
}

// Mean and deviation of the rows, and what it takes to round them: call before `stage`, in uniform
// control flow.
fn measure(first: u32, thread: u32) {
    let tile_row = thread / ROW_THREADS;
    let part = thread % ROW_THREADS;
    let inside = first + tile_row < product.rows;
    let start = tile_row * ROW_THREADS;
    if (NORMALISE) {
        var sum = 0.0;
        if (inside) {
            for (var block = part; block < product.blocks; block += ROW_THREADS) {
                let value = raw(first + tile_row, block);
                sum += (value.x + value.y) + (value.z + value.w);
            }
        }
        partial[thread] = sum;
        workgroupBarrier();
        var total = 0.0;
        for (var i = start; i < start + ROW_THREADS; i++) {
            total += partial[i];
        }
        let mean = total / f32(product.width);
        var squares = 0.0;
        if (inside) {
            for (var block = part; block < product.blocks; block += ROW_THREADS) {
                let away = raw(first + tile_row, block) - mean;
                squares += dot(away, select(vec4<f32>(0.0), away, within(block)));
            }
        }
        partial_squares[thread] = squares;
        workgroupBarrier();
        if (part == 0u) {
            var variance = 0.0;
            for (var i = start; i < start + ROW_THREADS; i++) {
                variance += partial_squares[i];
            }
            means[tile_row] = mean;
            inverses[tile_row] = 1.0 / sqrt(variance / f32(product.width) + EPSILON);
        }
        workgroupBarrier();
    }
    if (ROUNDS) {
        var most = 0.0;
        if (inside && product.input_scale == 0.0) {
            for (var block = part; block < product.blocks; block += ROW_THREADS) {
                let size = abs(input(first, tile_row, block));
                most = max(most, max(max(size.x, size.y), max(size.z, size.w)));
            }
        }
        partial[thread] = most;
        workgroupBarrier();
        if (part == 0u) {
            for (var i = start; i < start + ROW_THREADS; i++) {
                most = max(most, partial[i]);
            }
            if (product.input_scale != 0.0) {
                multipliers[tile_row] = product.input_scale;
                units[tile_row] = 1.0 / product.input_scale;
            } else if (most < 1e-30) {
                multipliers[tile_row] = 0.0;
                units[tile_row] = 0.0;
            } else {
                multipliers[tile_row] = 127.0 / most;
                units[tile_row] = most / 127.0;
            }
        }
        workgroupBarrier();
    }
}
