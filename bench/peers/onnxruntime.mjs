// onnxruntime-web, its WebGPU engine: the encoder alone, which is what can be compared kernel by
// kernel. It wants sentences of one length, so they are padded and masked as any caller would.

const SCRIPT = '/onnxruntime/ort.webgpu.bundle.min.mjs';

/** As Marian masks. */
const MASKED = -99_999_999;

/**
 * @param {{ model: string }} options the address of an encoder (models/encoder.py)
 */
export async function open({ model }) {
  const ort = await import(SCRIPT);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ['webgpu'],
    graphOptimizationLevel: 'all',
  });
  return {
    /**
     * Uploads, runs, and waits for the output to be back on this side.
     * @param {number[]} tokens of all sentences
     * @param {number[]} lengths of each
     * @returns {Promise<{ ms: number, rows: number, encoded: Float32Array }>} `rows` with padding;
     *   `encoded` without, `[tokens, width]`
     */
    async encode(tokens, lengths) {
      const { ids, mask, longest } = padded(tokens, lengths);
      const batch = lengths.length;
      const start = performance.now();
      const { encoded: output } = await session.run({
        tokens: new ort.Tensor('int64', ids, [batch, longest]),
        mask: new ort.Tensor('float32', mask, [batch, 1, 1, longest]),
      });
      const values = await output.getData();
      const ms = performance.now() - start;
      output.dispose();
      return { ms, rows: batch * longest, encoded: ragged(values, lengths, longest) };
    },
    close: () => session.release(),
  };
}

function padded(tokens, lengths) {
  const longest = Math.max(...lengths);
  const ids = new BigInt64Array(lengths.length * longest);
  const mask = new Float32Array(lengths.length * longest).fill(MASKED);
  let start = 0;
  lengths.forEach((length, sentence) => {
    const row = sentence * longest;
    for (let i = 0; i < length; i++) ids[row + i] = BigInt(tokens[start + i]);
    mask.fill(0, row, row + length);
    start += length;
  });
  return { ids, mask, longest };
}

/** The rows of tokens, without those of padding. */
function ragged(values, lengths, longest) {
  const width = values.length / (lengths.length * longest);
  const rows = lengths.map((length, sentence) => {
    const start = sentence * longest * width;
    return values.subarray(start, start + length * width);
  });
  const encoded = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    encoded.set(row, at);
    at += row.length;
  }
  return encoded;
}
