// What follows a product.

@group(0) @binding(5) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> out: array<vec4<f32>>;
// The rows of x as they are when normalised, for those who read them later.
@group(0) @binding(8) var<storage, read_write> normalised: array<vec4<f32>>;

override RELU: bool = false;
override RESIDUAL: bool = false;

// Writes four columns of a row; padding comes out as 0, since weights and biases are 0 there.
fn write(row: u32, column_block: u32, value: vec4<f32>) {
    if (row >= product.rows) {
        return;
    }
    var result = value + bias[column_block];
    if (RELU) {
        result = max(result, vec4<f32>(0.0));
    }
    if (RESIDUAL) {
        result += residual[product.residual_offset + row * product.residual_stride + column_block];
    }
    out[row * product.columns + column_block] = result;
}

// Stages a chunk of the rows from `first` on; the workgroups of the first columns also write down
// what they normalised.
fn stage(first: u32, chunk: u32, thread: u32, keep: bool) {
    for (var i = thread; i < TILE_ROWS * CHUNK; i += THREADS) {
        let tile_row = i / CHUNK;
        let block = chunk + i % CHUNK;
        var value = vec4<f32>(0.0);
        if (first + tile_row < product.rows && block < product.blocks) {
            value = input(first, tile_row, block);
            if (NORMALISE && keep) {
                normalised[(first + tile_row) * product.blocks + block] = value;
            }
        }
        staged[i] = stage_value(value, multipliers[tile_row]);
    }
}
