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
var<workgroup> lanes: array<vec4<f32>, 2 * TILE_ROWS>;
var<workgroup> squares: array<vec4<f32>, 2 * TILE_ROWS>;
var<workgroup> sizes: array<f32, THREADS>;
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
    return normal * norm[block] + norm[product.blocks + block];
}

// The same, and 0 outside the matrix.
fn fetch(first: u32, tile_row: u32, block: u32) -> vec4<f32> {
    if (first + tile_row >= product.rows || block >= product.blocks) {
        return vec4<f32>(0.0);
    }
    return input(first, tile_row, block);
}

// Stages a chunk of the rows from `first` on; a barrier must follow.
fn stage(first: u32, chunk: u32, thread: u32) {
    for (var i = thread; i < TILE_ROWS * CHUNK; i += THREADS) {
        let tile_row = i / CHUNK;
        let value = fetch(first, tile_row, chunk + i % CHUNK);
        staged[i] = stage_value(value, multipliers[tile_row]);
    }
}

// Mean and deviation of the rows, and what it takes to round them: call before `stage`, in uniform
// control flow. Two threads a row sum it up, one for every other block: that is eight lanes.
fn measure(first: u32, thread: u32) {
    if (NORMALISE) {
        let tile_row = thread / 2u;
        let summing = thread < 2u * TILE_ROWS && first + tile_row < product.rows;
        if (summing) {
            var sum = vec4<f32>(0.0);
            for (var block = thread % 2u; block < product.blocks; block += 2u) {
                sum += raw(first + tile_row, block);
            }
            lanes[thread] = sum;
        }
        workgroupBarrier();
        if (summing) {
            let mean = total(Lanes(lanes[2u * tile_row], lanes[2u * tile_row + 1u]))
                / f32(product.width);
            var sum = vec4<f32>(0.0);
            for (var block = thread % 2u; block < product.blocks; block += 2u) {
                let away = raw(first + tile_row, block) - mean;
                sum += select(vec4<f32>(0.0), away * away, within(block));
            }
            squares[thread] = sum;
            means[tile_row] = mean;
        }
        workgroupBarrier();
        if (summing && thread % 2u == 0u) {
            let variance = total(Lanes(squares[thread], squares[thread + 1u])) / f32(product.width);
            inverses[tile_row] = 1.0 / sqrt(variance + EPSILON);
        }
        workgroupBarrier();
    }
    if (ROUNDS) {
        let tile_row = thread / ROW_THREADS;
        let part = thread % ROW_THREADS;
        let inside = first + tile_row < product.rows;
        var most = 0.0;
        if (inside && product.input_scale == 0.0) {
            for (var block = part; block < product.blocks; block += ROW_THREADS) {
                let size = abs(input(first, tile_row, block));
                most = max(most, max(max(size.x, size.y), max(size.z, size.w)));
            }
        }
        sizes[thread] = most;
        workgroupBarrier();
        if (part == 0u) {
            for (var i = thread; i < thread + ROW_THREADS; i++) {
                most = max(most, sizes[i]);
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
