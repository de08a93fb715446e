// What follows a product.

@group(0) @binding(5) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> out: array<vec4<f32>>;
// The rows of x as they are when normalised, for those who read them later.
@group(0) @binding(8) var<storage, read_write> normalised: array<vec4<f32>>;

override BIAS: bool = false;
override RELU: bool = false;
override RESIDUAL: bool = false;

// Writes four columns of a row; padding comes out as 0, since weights and biases are 0 there.
fn write(row: u32, column_block: u32, value: vec4<f32>) {
    if (row >= product.rows) {
        return;
    }
    var result = value;
    if (BIAS) {
        result += bias[column_block];
    }
    if (RELU) {
        result = max(result, vec4<f32>(0.0));
    }
    if (RESIDUAL) {
        result += residual[product.residual_offset + row * product.residual_stride + column_block];
    }
    out[row * product.columns + column_block] = result;
}

// Writes the normalised rows of this workgroup's tile down: the workgroups of the first columns do.
fn keep(first: u32, thread: u32) {
    let count = min(TILE_ROWS, product.rows - first) * product.blocks;
    for (var i = thread; i < count; i += THREADS) {
        let value = input(first, i / product.blocks, i % product.blocks);
        normalised[first * product.blocks + i] = value;
    }
}
