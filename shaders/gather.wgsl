// Rows of x, chosen by their numbers.

struct Gather {
    rows: u32,
    // In vec4.
    blocks: u32,
    x_offset: u32,
    x_stride: u32,
}

@group(0) @binding(0) var<uniform> params: Gather;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x < params.blocks && id.y < params.rows) {
        let from_row = params.x_offset + rows[id.y] * params.x_stride;
        out[id.y * params.blocks + id.x] = x[from_row + id.x];
    }
}
