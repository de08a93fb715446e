// The bench's side in the page for what runs on the GPU: our engine in a worker, the other one here.

import { open as openPeer } from '../peers/onnxruntime.mjs';

/** The adapter that both engines get, in the browser's words. */
export async function adapter() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return undefined;
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const name = [...new Set([vendor, architecture, device, description])].filter(Boolean).join(' ');
  return { name: name || 'unnamed adapter', isSoftware: isFallbackAdapter };
}

const worker = new Worker('/bench/gpu/engine.worker.js', { type: 'module' });
let last = 0;
/** It may fail before anything is asked of it. */
const broken = new Promise((_, reject) => {
  worker.onerror = (event) => reject(new Error(event.message || "the engine's worker can't be loaded"));
});
broken.catch(() => {});

/** @param {string} name @param {unknown} argument */
function ask(name, argument) {
  const id = ++last;
  const answer = new Promise((resolve, reject) => {
    worker.addEventListener('message', function hear({ data }) {
      if (data.id !== id) return;
      worker.removeEventListener('message', hear);
      if (data.error === undefined) resolve(data.result);
      else reject(new Error(data.error));
    });
    worker.postMessage({ id, name, argument });
  });
  return Promise.race([answer, broken]);
}

/** @param {{ model: string, graphics: boolean }} request */
export const open = (request) => ask('open', request);
/** @param {{ calls: string[][], graphics: boolean }} request */
export const translate = (request) => ask('translate', request);
/** @param {string[]} texts */
export const profile = (texts) => ask('profile', texts);

let peer;
/** What our engine made of the texts last: token ids, lengths, and the encoder's output. */
let ours;
/** The other one's output of the same tokens. */
let theirs;

/** @param {string} model the address of an ONNX encoder */
export async function openEncoder(model) {
  peer = await openPeer({ model });
}

/** @param {string[]} texts */
export async function encodeOurs(texts) {
  ours = await ask('encode', texts);
  const { ms, tokens, lengths } = ours;
  // It pads nothing.
  return { ms, tokens: tokens.length, rows: tokens.length, sentences: lengths.length };
}

/** What ours encoded before. */
export async function encodeTheirs() {
  const { tokens, lengths } = ours;
  theirs = await peer.encode(tokens, lengths);
  const { ms, rows } = theirs;
  return { ms, tokens: tokens.length, rows, sentences: lengths.length };
}

/** The greatest difference between the outputs of the two. */
export function difference() {
  const [own, other] = [ours.encoded, theirs.encoded];
  if (own.length !== other.length)
    throw new Error(`${own.length} values of ours, ${other.length} of theirs`);
  // NaN must not pass for a small one.
  return own.reduce((most, value, i) => {
    const apart = Math.abs(value - other[i]);
    return apart <= most ? most : apart;
  }, 0);
}
