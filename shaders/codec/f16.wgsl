// Half floats, two in a word. As a matrix: [input][column]; as a table: [row][input].

@group(0) @binding(3) var<storage, read> weights: array<vec2<u32>>;
@group(0) @binding(4) var<storage, read> scales: array<vec4<f32>>;

alias Block = mat4x4<f32>;
const ROW_BLOCKS: u32 = 1;

fn four(at: u32) -> vec4<f32> {
    let words = weights[at];
    return vec4<f32>(unpack2x16float(words.x), unpack2x16float(words.y));
}

fn block_at(part: u32, block: u32, column_block: u32) -> Block {
    let at = (part * product.blocks + block) * 4u * product.part_columns + column_block;
    let next = product.part_columns;
    return Block(four(at), four(at + next), four(at + 2u * next), four(at + 3u * next));
}

fn look_up(row: u32, block: u32, blocks: u32, _group_blocks: u32) -> vec4<f32> {
    return four(row * blocks + block);
}

fn add_row(sum: RowSum, row: u32, block: u32, first: u32) -> RowSum {
    return sum + dot(staged[block - first], four(row * product.blocks + block));
}
