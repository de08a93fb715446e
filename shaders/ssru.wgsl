// One step of an SSRU layer in one: the products of both gates, the recurrence, and the residual.
// The stack's parts are candidate and forget gate. What is left is the norm of `out`.

@group(0) @binding(5) var<storage, read> bias: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> state: array<vec4<f32>>;
@group(0) @binding(7) var<storage, read_write> out: array<vec4<f32>>;
@group(0) @binding(8) var<storage, read_write> next: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let first = group.y * TILE_ROWS;
    let column = group.x * LANES + thread % LANES;
    let inside = column < product.part_columns;
    measure(first, thread);
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
            for (var i = thread / LANES; i < count; i += SLICES) {
                let candidate = block_at(0u, chunk + i, column);
                let forget = block_at(1u, chunk + i, column);
                a = add(a, staged[i], candidate);
                b = add(b, staged[i + CHUNK], candidate);
                c = add(c, staged[i + 2u * CHUNK], candidate);
                d = add(d, staged[i + 3u * CHUNK], candidate);
                e = add(e, staged[i], forget);
                f = add(f, staged[i + CHUNK], forget);
                g = add(g, staged[i + 2u * CHUNK], forget);
                h = add(h, staged[i + 3u * CHUNK], forget);
            }
        }
        workgroupBarrier();
    }
    let candidates = gather_slices(array<Sum, TILE_ROWS>(a, b, c, d), thread);
    let gates = gather_slices(array<Sum, TILE_ROWS>(e, f, g, h), thread);
    let tile_row = thread / LANES;
    let row = first + tile_row;
    if (thread < TILE_ROWS * LANES && inside && row < product.rows) {
        let forget_column = product.part_columns + column;
        let candidate = finish(candidates, units[tile_row], column) + bias[column];
        let gate = finish(gates, units[tile_row], forget_column) + bias[forget_column];
        let keep = sigmoid4(gate);
        let before = state[product.residual_offset + row * product.residual_stride + column];
        let after = keep * before + (1.0 - keep) * candidate;
        next[row * product.part_columns + column] = after;
        let output = max(after, vec4<f32>(0.0));
        out[row * product.part_columns + column] = input(first, tile_row, column) + output;
    }
}
