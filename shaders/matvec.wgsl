// activation(x · weightᵀ + bias) + residual for few rows, as in a step of decoding.

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let first = group.y * TILE_ROWS;
    let lane = thread % LANES;
    let column_block = group.x * LANES + lane;
    let part = column_block / product.part_columns;
    let part_column = column_block % product.part_columns;
    let inside = column_block < product.columns;
    measure(first, thread);
    if (NORMALISE && group.x == 0u) {
        keep(first, thread);
    }
    var a: Sum;
    var b: Sum;
    var c: Sum;
    var d: Sum;
    for (var chunk = 0u; chunk < product.blocks; chunk += CHUNK) {
        stage(first, chunk, thread);
        workgroupBarrier();
        if (inside) {
            let count = min(CHUNK, product.blocks - chunk);
            for (var i = thread / LANES; i < count; i += SLICES) {
                let block = block_at(part, chunk + i, part_column);
                a = add(a, staged[i], block);
                b = add(b, staged[i + CHUNK], block);
                c = add(c, staged[i + 2u * CHUNK], block);
                d = add(d, staged[i + 3u * CHUNK], block);
            }
        }
        workgroupBarrier();
    }
    let total = gather_slices(array<Sum, TILE_ROWS>(a, b, c, d), thread);
    if (thread < TILE_ROWS * LANES && inside) {
        let row = thread / LANES;
        write(first + row, column_block, finish(total, units[row], column_block));
    }
}
