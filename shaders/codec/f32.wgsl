// Plain floats. As a matrix: [input][column], so that neighbouring threads read neighbouring
// columns. As a table: [row][input].

@group(0) @binding(3) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read> scales: array<vec4<f32>>;

// Columns of this matrix are the weights of input 0 to 3 for four columns of the layer.
alias Block = mat4x4<f32>;
// Blocks of 4 inputs that a table's row gives at a time.
const ROW_BLOCKS: u32 = 1;

fn block_at(part: u32, block: u32, column_block: u32) -> Block {
    let at = (part * product.blocks + block) * 4u * product.part_columns + column_block;
    let next = product.part_columns;
    return Block(weights[at], weights[at + next], weights[at + 2u * next], weights[at + 3u * next]);
}

fn look_up(row: u32, block: u32, blocks: u32, _group_blocks: u32) -> vec4<f32> {
    return weights[row * blocks + block];
}

fn add_row(sum: RowSum, row: u32, block: u32, first: u32) -> RowSum {
    return sum + dot(staged[block - first], weights[row * product.blocks + block]);
}
