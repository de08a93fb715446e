// Codes of 4 bits, value + 8, in groups along the input that share a half-float scale.
// As a matrix: for 4 inputs and 4 columns two words, 4 bits a column and 16 an input; scales
// [group][column]. As a table: [row][input], 8 inputs a word; scales [row][group].

@group(0) @binding(3) var<storage, read> weights: array<vec2<u32>>;
// Four scales each.
@group(0) @binding(4) var<storage, read> scales: array<vec2<u32>>;

alias Block = mat4x4<f32>;
const ROW_BLOCKS: u32 = 4;

const PLACES = vec4<u32>(0u, 4u, 8u, 12u);

fn values(bits: u32) -> vec4<f32> {
    return vec4<f32>((vec4<u32>(bits) >> PLACES) & vec4<u32>(15u)) - 8.0;
}

fn block_at(part: u32, block: u32, column_block: u32) -> Block {
    let words = weights[(part * product.blocks + block) * product.part_columns + column_block];
    let groups = (product.blocks + product.group_blocks - 1u) / product.group_blocks;
    let group = part * groups + block / product.group_blocks;
    let halves = scales[group * product.part_columns + column_block];
    let scale = vec4<f32>(unpack2x16float(halves.x), unpack2x16float(halves.y));
    return Block(
        values(words.x) * scale,
        values(words.x >> 16u) * scale,
        values(words.y) * scale,
        values(words.y >> 16u) * scale,
    );
}

fn row_scale(row: u32, group: u32, groups: u32) -> f32 {
    let at = row * groups + group;
    let halves = scales[at >> 2u];
    let pair = unpack2x16float(select(halves.x, halves.y, (at & 2u) != 0u));
    return select(pair.x, pair.y, (at & 1u) != 0u);
}

// Rows are padded to whole pairs of words: 4 blocks of 4.
fn look_up(row: u32, block: u32, blocks: u32, group_blocks: u32) -> vec4<f32> {
    let words = weights[row * ((blocks + 3u) >> 2u) + (block >> 2u)];
    let word = select(words.x, words.y, (block & 2u) != 0u);
    let groups = (blocks + group_blocks - 1u) / group_blocks;
    return values(word >> (16u * (block & 1u))) * row_scale(row, block / group_blocks, groups);
}

fn add_row(sum: RowSum, row: u32, block: u32, first: u32) -> RowSum {
    let words = weights[row * ((product.blocks + 3u) >> 2u) + (block >> 2u)];
    let groups = (product.blocks + product.group_blocks - 1u) / product.group_blocks;
    var total = sum;
    for (var i = 0u; i < 4u && block + i < product.blocks; i++) {
        let word = select(words.x, words.y, i >= 2u);
        let scale = row_scale(row, (block + i) / product.group_blocks, groups);
        total += scale * dot(staged[block + i - first], values(word >> (16u * (i & 1u))));
    }
    return total;
}
