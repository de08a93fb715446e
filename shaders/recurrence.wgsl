// The recurrence of the SSRU alone, for gates that no one kernel can multiply.

struct Recurrence {
    rows: u32,
    // In vec4.
    blocks: u32,
    forget_offset: u32,
    forget_stride: u32,
    candidate_offset: u32,
    candidate_stride: u32,
    state_offset: u32,
    state_stride: u32,
}

@group(0) @binding(0) var<uniform> params: Recurrence;
@group(0) @binding(1) var<storage, read> forget: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> candidate: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> state: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> output: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read_write> next: array<vec4<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
    let row = id.y;
    let block = id.x;
    if (block >= params.blocks || row >= params.rows) {
        return;
    }
    let gate = forget[params.forget_offset + row * params.forget_stride + block];
    let keep = sigmoid4(gate);
    let before = state[params.state_offset + row * params.state_stride + block];
    let fresh = candidate[params.candidate_offset + row * params.candidate_stride + block];
    let after = keep * before + (1.0 - keep) * fresh;
    next[row * params.blocks + block] = after;
    output[row * params.blocks + block] = max(after, vec4<f32>(0.0));
}
