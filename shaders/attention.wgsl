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
const MOST_HEADS: u32 = 256;
const LEAST: f32 = -3.4e38;

// Of the keys at hand, [key][head]: scores, then their exponentials.
var<workgroup> scores: array<f32, SCORES>;
// A head's greatest score so far, by what earlier exponentials shrink since it has grown, and the
// sum of all exponentials.
var<workgroup> greatest: array<f32, MOST_HEADS>;
var<workgroup> shrinking: array<f32, MOST_HEADS>;
var<workgroup> sums: array<f32, MOST_HEADS>;

fn score(query: u32, key: u32) -> f32 {
    let head_blocks = params.blocks / params.heads;
    var lanes = Lanes(vec4<f32>(0.0), vec4<f32>(0.0));
    for (var n = 0u; n < head_blocks; n += 2u) {
        lanes.low += q[query + n] * k[key + n];
        if (n + 1u < head_blocks) {
            lanes.high += q[query + n + 1u] * k[key + n + 1u];
        }
    }
    return params.scale * total(lanes);
}

// The exponential of key n of a head, 0 beyond the last.
fn weight(n: u32, count: u32, head: u32) -> f32 {
    return select(0.0, scores[min(n, count - 1u) * params.heads + head], n < count);
}

fn four(n: u32, count: u32, head: u32) -> vec4<f32> {
    return vec4<f32>(
        weight(n, count, head),
        weight(n + 1u, count, head),
        weight(n + 2u, count, head),
        weight(n + 3u, count, head),
    );
}

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
        let block = min(turn + thread, params.blocks - 1u);
        let head = block / head_blocks;
        var sum = vec4<f32>(0.0);
        for (var first = 0u; first < span.y; first += step) {
            let count = min(step, span.y - first);
            workgroupBarrier();
            for (var i = thread; i < count * params.heads; i += THREADS) {
                let at = (i % params.heads) * head_blocks;
                let key = span.x + first + i / params.heads;
                scores[i] = score(query + at, params.k_offset + key * params.k_stride + at);
            }
            workgroupBarrier();
            for (var h = thread; h < params.heads; h += THREADS) {
                var most = select(greatest[h], LEAST, first == 0u);
                let before = most;
                for (var n = 0u; n < count; n++) {
                    most = max(most, scores[n * params.heads + h]);
                }
                greatest[h] = most;
                shrinking[h] = exponential(before - most);
            }
            workgroupBarrier();
            for (var i = thread; i < count * params.heads; i += THREADS) {
                scores[i] = exponential(scores[i] - greatest[i % params.heads]);
            }
            workgroupBarrier();
            for (var h = thread; h < params.heads; h += THREADS) {
                var lanes = Lanes(vec4<f32>(0.0), vec4<f32>(0.0));
                for (var n = 0u; n < count; n += 8u) {
                    lanes.low += four(n, count, h);
                    lanes.high += four(n + 4u, count, h);
                }
                let here = total(lanes);
                sums[h] = select(sums[h] * shrinking[h] + here, here, first == 0u);
            }
            workgroupBarrier();
            // Where all keys are at hand, the weights themselves are summed up.
            let share = select(1.0, 1.0 / sums[head], span.y <= step);
            if (first > 0u) {
                sum *= shrinking[head];
            }
            for (var n = 0u; n < count; n++) {
                let key = params.v_offset + (span.x + first + n) * params.v_stride;
                sum += (scores[n * params.heads + head] * share) * v[key + block];
            }
        }
        if (turn + thread < params.blocks) {
            let rest = select(1.0, 1.0 / sums[head], span.y > step);
            out[row * params.blocks + block] = sum * rest;
        }
    }
}
