// h · tableᵀ + bias over each row's candidates: a workgroup takes 64 candidates of a row.

const TILE_ROWS: u32 = 1;

// Logit i of row r stands at offsets[r] + i, its candidate at the same place.
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read> offsets: array<u32>;
@group(0) @binding(7) var<storage, read> candidates: array<u32>;
@group(0) @binding(8) var<storage, read_write> logits: array<f32>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = group.y;
    let at = offsets[row] + group.x * THREADS + thread;
    let inside = at < offsets[row + 1u];
    // The same for the whole workgroup.
    if (offsets[row] + group.x * THREADS >= offsets[row + 1u]) {
        return;
    }
    measure(row, thread);
    var token = 0u;
    if (inside) {
        token = candidates[at];
    }
    var sum: RowSum;
    for (var chunk = 0u; chunk < product.blocks; chunk += CHUNK) {
        stage(row, chunk, thread);
        workgroupBarrier();
        let end = min(product.blocks, chunk + CHUNK);
        for (var i = chunk; i < end; i += ROW_BLOCKS) {
            sum = add_row(sum, token, i, chunk);
        }
        workgroupBarrier();
    }
    if (inside) {
        logits[at] = finish_row(sum, units[0], token) + bias[token];
    }
}
