// Where each tensor of a model has its cell: layer by layer, from input to output.

/** @typedef {import('../../package/lab-protocol.js').Info} Info */
/** @typedef {import('../../package/lab-protocol.js').TensorInfo} TensorInfo */
/** @typedef {import('../../package/lab-protocol.js').CompressionReport} CompressionReport */
/** @typedef {import('../../package/lab-protocol.js').MatrixReport} MatrixReport */
/** @typedef {'encoder' | 'decoder'} Stack */

/**
 * @typedef {object} Cell
 * @property {string} key
 * @property {'matrix' | 'vectors' | 'file'} kind vectors, and small things beside the layers, are gathered
 * @property {string} role such as `q`; of what is in no layer, the name
 * @property {string} [block] the part of the layer, such as `attention`
 * @property {{ stack: Stack, number: number }} [layer] counted from 1 as the model was before
 * @property {TensorInfo[]} tensors one, but for what is gathered
 * @property {MatrixReport} [report]
 */

/** A layer, or what comes before and after; a column without a cell is a gap. @typedef {{ number: number, dropped: boolean, cells: (Cell | undefined)[] }} Row */
/** @typedef {{ name: 'input' | Stack | 'output' | 'files', columns: { block: string, role: string }[], rows: Row[] }} Section */

const BLOCKS = ['ssru', 'attention', 'cross', 'ffn', 'vectors'];
const ROLES = ['candidate', 'forget', 'q', 'k', 'v', 'o', 'w1', 'w2'];
const IN_LAYER = /^(encoder|decoder)\.(\d+)\.([^.]+)\.(.+)$/;

/**
 * @param {Info} info
 * @param {CompressionReport} [report]
 * @returns {Section[]}
 */
export function layoutOf(info, report) {
  const beside = info.tensors.filter(({ name }) => !IN_LAYER.test(name));
  const matrices = beside.filter((tensor) => isMatrix(tensor) && !tensor.name.includes('.'));
  const files = beside.filter(({ codec }) => codec === 'file');
  const rest = beside.filter((tensor) => !matrices.includes(tensor) && !files.includes(tensor));
  const input = matrices.map((tensor) => ({
    ...single(tensor, 'matrix'),
    report: report?.tensors.find(({ name }) => name === tensor.name),
  }));
  return [
    aside('input', input),
    layers('encoder', info, report),
    layers('decoder', info, report),
    aside('output', gathered(rest)),
    aside(
      'files',
      files.map((tensor) => single(tensor, 'file')),
    ),
  ].filter(({ rows }) => rows.length > 0);
}

/** @param {TensorInfo} tensor */
const isMatrix = ({ codec, shape }) => codec !== 'file' && shape.length === 2;

/** @param {TensorInfo} tensor @param {Cell['kind']} kind @returns {Cell} */
const single = (tensor, kind) => ({ key: tensor.name, kind, role: tensor.name, tensors: [tensor] });

/** One cell for all whose names begin alike: `output.bias`, `screening.….codes`. @param {TensorInfo[]} tensors @returns {Cell[]} */
function gathered(tensors) {
  const names = [...new Set(tensors.map(({ name }) => name.split('.')[0]))];
  return names.map((role) => ({
    key: role,
    kind: 'vectors',
    role,
    tensors: tensors.filter(({ name }) => name.split('.')[0] === role),
  }));
}

/** @param {Section['name']} name @param {Cell[]} cells @returns {Section} */
function aside(name, cells) {
  const rows = cells.length > 0 ? [{ number: 0, dropped: false, cells }] : [];
  return { name, columns: [], rows };
}

/** @param {Stack} stack @param {Info} info @param {CompressionReport} [report] @returns {Section} */
function layers(stack, info, report) {
  const own = info.tensors.filter(
    ({ name }) => name.startsWith(`${stack}.`) && IN_LAYER.test(name),
  );
  const depth = new Set(own.map(({ name }) => partsOf(name).layer)).size;
  const before = placesBefore(stack, depth, report);
  /** @type {Cell[][]} */
  const cells = before.kept.map((place, layer) => {
    const tensors = own.filter(({ name }) => partsOf(name).layer === layer);
    const position = { stack, number: place + 1 };
    const matrices = tensors.filter(isMatrix).map((tensor) => {
      const { block, role } = partsOf(tensor.name);
      const was = `${stack}.${place}.${block}.${role}`;
      const matrix = report?.tensors.find(({ name }) => name === was);
      return { ...single(tensor, 'matrix'), block, role, layer: position, report: matrix };
    });
    const vectors = tensors.filter((tensor) => !isMatrix(tensor));
    const rest = { key: `${stack}.${layer}`, block: 'vectors', role: 'vectors', layer: position };
    return vectors.length > 0
      ? [...matrices, { ...rest, kind: 'vectors', tensors: vectors }]
      : matrices;
  });
  const columns = columnsOf(cells.flat());
  const rows = Array.from({ length: before.depth }, (_, place) => {
    const layer = before.kept.indexOf(place);
    const row = layer < 0 ? [] : cells[layer];
    const inColumn = columns.map(({ block, role }) =>
      row.find((cell) => cell.block === block && cell.role === role),
    );
    return { number: place + 1, dropped: layer < 0, cells: inColumn };
  });
  return { name: stack, columns, rows };
}

/** @param {string} name */
function partsOf(name) {
  const [, , layer, block, role] = /** @type {RegExpExecArray} */ (IN_LAYER.exec(name));
  return { layer: Number(layer), block, role };
}

/**
 * Where the layers stood before: reports have the old numbers, and layers behind one that went have
 * moved up since.
 * @param {Stack} stack
 * @param {number} depth layers now
 * @param {CompressionReport} [report]
 */
function placesBefore(stack, depth, report) {
  if (!report) return { depth, kept: Array.from({ length: depth }, (_, layer) => layer) };
  const reports = report.tensors.filter(
    ({ name }) => name.startsWith(`${stack}.`) && IN_LAYER.test(name),
  );
  const places = [...new Set(reports.map(({ name }) => partsOf(name).layer))].sort((a, b) => a - b);
  const kept = places.filter((place) =>
    reports.some(({ name, codec }) => codec !== null && partsOf(name).layer === place),
  );
  if (kept.length !== depth)
    throw new RangeError(
      `the report leaves ${kept.length} layers of the ${stack}, the model has ${depth}: it is another model's`,
    );
  return { depth: places.length, kept };
}

/** @param {Cell[]} cells @returns {{ block: string, role: string }[]} */
function columnsOf(cells) {
  const columns = new Map(
    cells.map(({ block = '', role }) => [`${block}.${role}`, { block, role }]),
  );
  // What is not known stands before the vectors, which come last.
  const rank = (
    /** @type {string[]} */ known,
    /** @type {string} */ name,
    /** @type {number} */ other,
  ) => (known.includes(name) ? known.indexOf(name) : other);
  return [...columns.values()].sort(
    (left, right) =>
      rank(BLOCKS, left.block, BLOCKS.length - 1.5) -
        rank(BLOCKS, right.block, BLOCKS.length - 1.5) ||
      rank(ROLES, left.role, ROLES.length) - rank(ROLES, right.role, ROLES.length),
  );
}
