// 8-bit codes with one step a column; products are in integers, exactly, and activations are
// rounded to codes. As a matrix: for 4 inputs a word a column, [input / 4][column]; steps
// [column]. As a table: [row][input], 4 inputs a word; steps [row].

@group(0) @binding(3) var<storage, read> weights: array<vec4<u32>>;
// Four steps each.
@group(0) @binding(4) var<storage, read> scales: array<vec4<f32>>;

// Four inputs of a row of activations.
alias Staged = u32;
// Four inputs of each of four columns.
alias Block = vec4<u32>;
alias Sum = vec4<i32>;
alias RowSum = i32;

const ROUNDS: bool = true;
const ROW_BLOCKS: u32 = 4;

fn stage_value(value: vec4<f32>, multiplier: f32) -> Staged {
    let codes = clamp(round(value * multiplier), vec4<f32>(-127.0), vec4<f32>(127.0));
    return pack4xI8(vec4<i32>(codes));
}

fn block_at(part: u32, block: u32, column_block: u32) -> Block {
    return weights[(part * product.blocks + block) * product.part_columns + column_block];
}

fn add(sum: Sum, values: Staged, block: Block) -> Sum {
    return sum + vec4<i32>(
        dot4I8Packed(values, block.x),
        dot4I8Packed(values, block.y),
        dot4I8Packed(values, block.z),
        dot4I8Packed(values, block.w),
    );
}

fn finish(sum: Sum, unit: f32, column_block: u32) -> vec4<f32> {
    return vec4<f32>(sum) * unit * scales[column_block];
}

// Rows are padded to whole vec4 of words: 4 blocks of 4.
fn look_up(row: u32, block: u32, blocks: u32, _group_blocks: u32) -> vec4<f32> {
    let word = weights[row * ((blocks + 3u) >> 2u) + (block >> 2u)][block & 3u];
    return vec4<f32>(unpack4xI8(word)) * scales[row >> 2u][row & 3u];
}

fn add_row(sum: RowSum, row: u32, block: u32, first: u32) -> RowSum {
    let words = weights[row * ((product.blocks + 3u) >> 2u) + (block >> 2u)];
    let at = block - first;
    return sum
        + dot4I8Packed(staged[at], words.x)
        + dot4I8Packed(staged[at + 1u], words.y)
        + dot4I8Packed(staged[at + 2u], words.z)
        + dot4I8Packed(staged[at + 3u], words.w);
}

fn finish_row(sum: RowSum, unit: f32, row: u32) -> f32 {
    return f32(sum) * unit * scales[row >> 2u][row & 3u];
}
