// Products in floats, for codecs whose blocks of weights are floats.

alias Staged = vec4<f32>;
alias Sum = vec4<f32>;
// The sum of one row of a table with one row of activations.
alias RowSum = f32;

const ROUNDS: bool = false;

fn stage_value(value: vec4<f32>, _multiplier: f32) -> Staged {
    return value;
}

// Adds 4 inputs times 4 columns.
fn add(sum: Sum, values: Staged, weights: Block) -> Sum {
    return weights * values + sum;
}

fn finish(sum: Sum, _unit: f32, _column_block: u32) -> vec4<f32> {
    return sum;
}

fn finish_row(sum: RowSum, _unit: f32, _row: u32) -> f32 {
    return sum;
}
