// The candidate with the highest logit of each row, a workgroup a row; of equals, the first. A row
// that has ended goes on ending.

struct Params {
    end: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> offsets: array<u32>;
@group(0) @binding(3) var<storage, read> candidates: array<u32>;
@group(0) @binding(4) var<storage, read> last: array<u32>;
@group(0) @binding(5) var<storage, read_write> tokens: array<u32>;

const THREADS: u32 = 64;

var<workgroup> best_logits: array<f32, THREADS>;
var<workgroup> best_places: array<u32, THREADS>;

@compute @workgroup_size(64)
fn main(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(local_invocation_index) thread: u32,
) {
    let row = group.x;
    let end = offsets[row + 1u];
    // Threads without a candidate of their own repeat the first one, which changes nothing.
    var place = offsets[row];
    var most = logits[place];
    for (var at = offsets[row] + thread; at < end; at += THREADS) {
        if (logits[at] > most) {
            most = logits[at];
            place = at;
        }
    }
    best_logits[thread] = most;
    best_places[thread] = place;
    workgroupBarrier();
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
        if (thread < half) {
            let other = thread + half;
            let more = best_logits[other] > best_logits[thread];
            let same = best_logits[other] == best_logits[thread];
            if (more || (same && best_places[other] < best_places[thread])) {
                best_logits[thread] = best_logits[other];
                best_places[thread] = best_places[other];
            }
        }
        workgroupBarrier();
    }
    if (thread == 0u) {
        tokens[row] = select(candidates[best_places[0]], params.end, last[row] == params.end);
    }
}
