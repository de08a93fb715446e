// What each method does to a small matrix, drawn in the page's colours: 120 by 120, without words, for
// the eye alone. A cell is a weight, its shade how large the weight is; what went is an empty outline.

import { html, svg } from 'lit-html';

/** @typedef {import('./methods.js').MethodName} MethodName */
/** @typedef {import('lit-html').TemplateResult} Template */

const GAP = 1;

/** Shades that look random and are the same each time. @param {number} row @param {number} column */
const shade = (row, column) =>
  0.12 + 0.88 * (((row * 47 + column * 83 + row * column * 29) % 31) / 30);

/**
 * @param {number} x @param {number} y @param {number} width @param {number} height
 * @param {number | undefined} weight from 0 to 1; undefined for one that went
 */
const cell = (x, y, width, height, weight) =>
  weight === undefined
    ? svg`<rect class="gone" x=${x + 1} y=${y + 1} width=${width - GAP - 1} height=${height - GAP - 1} rx="1.5" />`
    : svg`<rect class="weight" x=${x} y=${y} width=${width - GAP} height=${height - GAP} rx="1.5" fill-opacity=${weight.toFixed(2)} />`;

/**
 * @param {{ x: number, y: number, rows: number, columns: number, width: number, height?: number }} place
 * `width` and `height` are a cell's
 * @param {(row: number, column: number) => number | undefined} weight
 */
function grid({ x, y, rows, columns, width, height = width }, weight) {
  const cells = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      cells.push(cell(x + column * width, y + row * height, width, height, weight(row, column)));
    }
  }
  return cells;
}

const WHOLE = { x: 8, y: 8, rows: 8, columns: 8, width: 13 };

/** @type {Record<MethodName, () => unknown>} */
const drawings = {
  // Left every shade, right three of them.
  quantize: () => {
    const smooth = (/** @type {number} */ row, /** @type {number} */ column) =>
      (row * 4 + (column % 4) + 1) / 32;
    const level = (/** @type {number} */ weight) =>
      [0.15, 0.55, 1][Math.min(2, Math.floor(weight * 3))];
    return [
      grid({ ...WHOLE, x: 5, columns: 4 }, (row, column) => 0.1 + 0.9 * smooth(row, column)),
      grid({ ...WHOLE, x: 63, columns: 4 }, (row, column) => level(smooth(row, column) - 0.01)),
    ];
  },
  prune: () =>
    grid(WHOLE, (row, column) => (shade(row, column) > 0.5 ? shade(row, column) : undefined)),
  // A neuron is a row of the first matrix and a column of the second.
  prune_neurons: () => {
    const gone = [2, 5];
    return [
      grid({ x: 5, y: 5, rows: 8, columns: 4, width: 9 }, (row, column) =>
        gone.includes(row) ? undefined : shade(row, column),
      ),
      grid({ x: 44, y: 79, rows: 4, columns: 8, width: 9 }, (row, column) =>
        gone.includes(column) ? undefined : shade(column, row),
      ),
      svg`<path class="link" d="M45 27.5h21.5v48M45 54.5h48.5v21" />`,
    ];
  },
  prune_heads: () =>
    [0, 1, 2, 3].map((head) =>
      grid({ x: 6 + head * 28, y: 8, rows: 8, columns: 2, width: 12, height: 13 }, (row, column) =>
        head === 2 ? undefined : shade(row, column + 2 * head),
      ),
    ),
  drop_layers: () =>
    [0, 1, 2, 3, 4].map((layer) =>
      layer === 2
        ? svg`<rect class="gone" x="30" y="53" width="84" height="14" rx="2" />`
        : grid(
            { x: 6, y: 9 + layer * 22, rows: 1, columns: 7, width: 12, height: 15 },
            (row, column) => shade(layer * 2 + row, column),
          ),
    ),
  // The shadow of the whole, and the two whose product it is.
  low_rank: () => [
    grid({ x: 34, y: 34, rows: 8, columns: 8, width: 10 }, () => undefined),
    grid({ x: 6, y: 34, rows: 8, columns: 2, width: 10 }, shade),
    grid({ x: 34, y: 6, rows: 2, columns: 8, width: 10 }, shade),
  ],
  // Pairs of weights, each one of the four below the line.
  codebook: () => {
    const book = [
      [1, 0.35],
      [0.2, 0.75],
      [0.6, 0.6],
      [0.15, 0.2],
    ];
    const pair = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number[]} */ code) =>
      code.map((weight, at) => cell(x + at * 11, y, at === 0 ? 12 : 11, 13, weight));
    const codes = ['0123', '2310', '1032', '3201', '0213', '1320'];
    const pairs = codes.map((line, row) =>
      [...line].map((code, column) => pair(6 + column * 28, 6 + row * 13.5, book[Number(code)])),
    );
    return [
      pairs,
      svg`<path class="link" d="M6 92.5h108" />`,
      book.map((code, at) => pair(6 + at * 28, 99, code)),
    ];
  },
  trim_vocabulary: () =>
    grid({ x: 6, y: 6, rows: 10, columns: 6, width: 18, height: 11 }, (row, column) =>
      [4, 6, 8, 9].includes(row) ? undefined : shade(row, column),
    ),
  // A little of each row says which rows are worth computing.
  screen: () => {
    const best = [1, 4, 8];
    return [
      grid({ x: 6, y: 6, rows: 10, columns: 1, width: 11 }, (row) =>
        best.includes(row) ? 1 : 0.2,
      ),
      best.map((row) => svg`<path class="link" d=${`M20 ${11 + row * 11}h12m-4 -3l4 3l-4 3`} />`),
      grid({ x: 37, y: 6, rows: 10, columns: 7, width: 11 }, (row, column) =>
        best.includes(row) ? shade(row, column) : undefined,
      ),
    ];
  },
};

/** @param {MethodName} name @returns {Template} */
export const picture = (name) =>
  html`<svg
    class="picture"
    viewBox="0 0 120 120"
    width="120"
    height="120"
    aria-hidden="true"
    focusable="false"
  >
    ${drawings[name]()}
  </svg>`;
