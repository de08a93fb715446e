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

var<workgroup> lanes: array<vec4<f32>, 2>;
var<workgroup> squares: array<vec4<f32>, 2>;
var<workgroup> centre: f32;
var<workgroup> inverse: f32;

fn value(row: u32, block: u32) -> vec4<f32> {
    let own = x[params.x_offset + row * params.x_stride + block];
    if (!RESIDUAL) {
        return own;
    }
    return own + residual[params.residual_offset + row * params.residual_stride + block];
}

// Two threads sum, one for every other block: that is eight lanes.
@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = group.x;
    if (thread < 2u) {
        var sum = vec4<f32>(0.0);
        for (var block = thread; block < params.blocks; block += 2u) {
            sum += value(row, block);
        }
        lanes[thread] = sum;
    }
    workgroupBarrier();
    if (thread < 2u) {
        let mean = total(Lanes(lanes[0], lanes[1])) / f32(params.width);
        var sum = vec4<f32>(0.0);
        for (var block = thread; block < params.blocks; block += 2u) {
            let columns = vec4<u32>(4u * block) + vec4<u32>(0u, 1u, 2u, 3u);
            let away = value(row, block) - mean;
            sum += select(vec4<f32>(0.0), away * away, columns < vec4<u32>(params.width));
        }
        squares[thread] = sum;
        if (thread == 0u) {
            centre = mean;
        }
    }
    workgroupBarrier();
    if (thread == 0u) {
        let variance = total(Lanes(squares[0], squares[1])) / f32(params.width);
        inverse = 1.0 / sqrt(variance + EPSILON);
    }
    workgroupBarrier();
    for (var block = thread; block < params.blocks; block += THREADS) {
        let normal = (value(row, block) - centre) * inverse;
        out[row * params.blocks + block] = normal * norm[block] + norm[params.blocks + block];
    }
}
