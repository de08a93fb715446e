// Few rows: a workgroup makes 4 rows × 32 columns, and its threads share the inputs. Thread
// (slice, lane) sums four columns over every eighth block of inputs; then the slices are added up.

const TILE_ROWS: u32 = 4;
const LANES: u32 = 8;
const SLICES: u32 = THREADS / LANES;

var<workgroup> slices: array<Sum, TILE_ROWS * THREADS>;

// The sums of all slices for row thread / LANES and column block thread % LANES of this tile: only
// the first TILE_ROWS * LANES threads get them. In uniform control flow.
fn gather_slices(sums: array<Sum, TILE_ROWS>, thread: u32) -> Sum {
    slices[thread] = sums[0];
    slices[THREADS + thread] = sums[1];
    slices[2u * THREADS + thread] = sums[2];
    slices[3u * THREADS + thread] = sums[3];
    workgroupBarrier();
    var total: Sum;
    if (thread < TILE_ROWS * LANES) {
        let row = thread / LANES;
        for (var slice = 0u; slice < SLICES; slice++) {
            total += slices[row * THREADS + slice * LANES + thread % LANES];
        }
    }
    workgroupBarrier();
    return total;
}
