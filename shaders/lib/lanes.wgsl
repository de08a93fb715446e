// The float arithmetic of src/backend/lanes.rs: where integers follow, another last bit may become
// another code. On an adapter that rounds every operation by itself, results are the CPU's; one may
// also fuse products with sums, and then they are only near.

// Eight partial sums: element i is added to lane i % 8.
struct Lanes {
    low: vec4<f32>,
    high: vec4<f32>,
}

// All lanes together: the upper half is added to the lower until one is left.
fn total(lanes: Lanes) -> f32 {
    let four = lanes.low + lanes.high;
    return (four.x + four.z) + (four.y + four.w);
}

// The exponential, as 2ⁿ times a polynomial.
fn exponential(value: f32) -> f32 {
    let x = clamp(value, -87.0, 88.0);
    let n = round(x * 1.44269504);
    let r = (x - n * 0.6933594) - n * -2.1219444e-4;
    var series = 1.0 / 5040.0;
    series = series * r + 1.0 / 720.0;
    series = series * r + 1.0 / 120.0;
    series = series * r + 1.0 / 24.0;
    series = series * r + 1.0 / 6.0;
    series = series * r + 0.5;
    let power = (series * r) * r + r + 1.0;
    return power * bitcast<f32>(u32(i32(n) + 127) << 23u);
}

fn sigmoid(x: f32) -> f32 {
    return 1.0 / (1.0 + exponential(-x));
}

fn sigmoid4(x: vec4<f32>) -> vec4<f32> {
    return vec4<f32>(sigmoid(x.x), sigmoid(x.y), sigmoid(x.z), sigmoid(x.w));
}
