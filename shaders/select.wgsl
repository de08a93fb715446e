// Tokens of some rows.

struct Select {
    rows: u32,
}

@group(0) @binding(0) var<uniform> params: Select;
@group(0) @binding(1) var<storage, read> tokens: array<u32>;
@group(0) @binding(2) var<storage, read> rows: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    if (id.x < params.rows) {
        out[id.x] = tokens[rows[id.x]];
    }
}
