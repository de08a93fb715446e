// activation(x · weightᵀ + bias) + residual for many rows: a workgroup makes 8 rows × 256 columns,
// a thread four neighbouring columns of all 8 rows.

const TILE_ROWS: u32 = 8;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let first = group.y * TILE_ROWS;
    let column_block = group.x * THREADS + thread;
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
    var e: Sum;
    var f: Sum;
    var g: Sum;
    var h: Sum;
    for (var chunk = 0u; chunk < product.blocks; chunk += CHUNK) {
        stage(first, chunk, thread);
        workgroupBarrier();
        if (inside) {
            let count = min(CHUNK, product.blocks - chunk);
            for (var i = 0u; i < count; i++) {
                let block = block_at(part, chunk + i, part_column);
                a = add(a, staged[i], block);
                b = add(b, staged[i + CHUNK], block);
                c = add(c, staged[i + 2u * CHUNK], block);
                d = add(d, staged[i + 3u * CHUNK], block);
                e = add(e, staged[i + 4u * CHUNK], block);
                f = add(f, staged[i + 5u * CHUNK], block);
                g = add(g, staged[i + 6u * CHUNK], block);
                h = add(h, staged[i + 7u * CHUNK], block);
            }
        }
        workgroupBarrier();
    }
    if (inside) {
        write(first, column_block, finish(a, units[0], column_block));
        write(first + 1u, column_block, finish(b, units[1], column_block));
        write(first + 2u, column_block, finish(c, units[2], column_block));
        write(first + 3u, column_block, finish(d, units[3], column_block));
        write(first + 4u, column_block, finish(e, units[4], column_block));
        write(first + 5u, column_block, finish(f, units[5], column_block));
        write(first + 6u, column_block, finish(g, units[6], column_block));
        write(first + 7u, column_block, finish(h, units[7], column_block));
    }
}
