// Multi-head attention of a query row to the keys of its span: a workgroup a row, all heads. Scores
// of a few keys at a time stand in workgroup memory; the softmax is kept up as they come (Milakov
// and Gimelshein 2018), so that a sentence may have any length. A thread makes four elements.

struct Attention {
    // Rows' lengths and starts, in vec4.
    q_offset: u32,
    q_stride: u32,
    k_offset: u32,
    k_stride: u32,
    v_offset: u32,
    v_stride: u32,
    blocks: u32,
    heads: u32,
    scale: f32,
}

@group(0) @binding(0) var<uniform> params: Attention;
@group(0) @binding(1) var<storage, read> q: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> k: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> v: array<vec4<f32>>;
// First key and number of keys of each query row.
@group(0) @binding(4) var<storage, read> spans: array<vec2<u32>>;
@group(0) @binding(5) var<storage, read_write> out: array<vec4<f32>>;

const THREADS: u32 = 64;
const SCORES: u32 = 1024;

var<workgroup> scores: array<f32, SCORES>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = group.x;
    let span = spans[row];
    let head_blocks = params.blocks / params.heads;
    let step = SCORES / params.heads;
    let query = params.q_offset + row * params.q_stride;
    // Wider rows than 256 elements take several turns.
    for (var turn = 0u; turn < params.blocks; turn += THREADS) {
        let block = turn + thread;
        let head = block / head_blocks;
        var most = -3.4e38;
        var total = 0.0;
        var sum = vec4<f32>(0.0);
        for (var first = 0u; first < span.y; first += step) {
            let count = min(step, span.y - first);
            workgroupBarrier();
            for (var i = thread; i < count * params.heads; i += THREADS) {
                let score_head = i % params.heads;
                let key = span.x + first + i / params.heads;
                let at = params.k_offset + key * params.k_stride + score_head * head_blocks;
                let from_query = query + score_head * head_blocks;
                var score = 0.0;
                for (var n = 0u; n < head_blocks; n++) {
                    score += dot(q[from_query + n], k[at + n]);
                }
                scores[i] = score * params.scale;
            }
            workgroupBarrier();
            if (block < params.blocks) {
                var here = most;
                for (var n = 0u; n < count; n++) {
                    here = max(here, scores[n * params.heads + head]);
                }
                let shrink = exp(most - here);
                sum *= shrink;
                total *= shrink;
                most = here;
                for (var n = 0u; n < count; n++) {
                    let weight = exp(scores[n * params.heads + head] - most);
                    total += weight;
                    let key = span.x + first + n;
                    sum += weight * v[params.v_offset + key * params.v_stride + block];
                }
            }
        }
        if (block < params.blocks) {
            out[row * params.blocks + block] = sum / total;
        }
    }
}
