// scale ⊙ (s − mean) / √(variance + ε) + bias of s = x + residual, a workgroup a row.

struct Norm {
    width: u32,
    // In vec4.
    blocks: u32,
    x_offset: u32,
    x_stride: u32,
    residual_offset: u32,
    residual_stride: u32,
}

@group(0) @binding(0) var<uniform> params: Norm;
@group(0) @binding(1) var<storage, read> x: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> residual: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> norm: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> out: array<vec4<f32>>;

// Without, x is the sum already.
override RESIDUAL: bool = false;

const THREADS: u32 = 64;
const EPSILON: f32 = 1e-6;

var<workgroup> partial: array<f32, THREADS>;

fn value(row: u32, block: u32) -> vec4<f32> {
    let own = x[params.x_offset + row * params.x_stride + block];
    if (!RESIDUAL) {
        return own;
    }
    return own + residual[params.residual_offset + row * params.residual_stride + block];
}

// The sum over all threads. In uniform control flow.
fn total(own: f32, thread: u32) -> f32 {
    workgroupBarrier();
    partial[thread] = own;
    workgroupBarrier();
    var sum = 0.0;
    for (var i = 0u; i < THREADS; i++) {
        sum += partial[i];
    }
    return sum;
}

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = group.x;
    var sum = 0.0;
    for (var block = thread; block < params.blocks; block += THREADS) {
        sum += dot(value(row, block), vec4<f32>(1.0));
    }
    let mean = total(sum, thread) / f32(params.width);
    var squares = 0.0;
    for (var block = thread; block < params.blocks; block += THREADS) {
        let columns = vec4<u32>(4u * block) + vec4<u32>(0u, 1u, 2u, 3u);
        let away = value(row, block) - mean;
        squares += dot(away, select(vec4<f32>(0.0), away, columns < vec4<u32>(params.width)));
    }
    let inverse = 1.0 / sqrt(total(squares, thread) / f32(params.width) + EPSILON);
    for (var block = thread; block < params.blocks; block += THREADS) {
        let normal = (value(row, block) - mean) * inverse;
        out[row * params.blocks + block] = normal * norm[block] + norm[params.blocks + block];
    }
}
