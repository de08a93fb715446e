// What there is to know of one cell of the matrix map.

import { html, nothing } from 'lit-html';
import { texts } from './texts.js';
import { histogramOf } from './histogram.js';
import { bytesOf, weightsOf } from './matrix-scales.js';

/** @typedef {import('./matrix-layout.js').Cell} Cell */
/** @typedef {import('./matrix-layout.js').TensorInfo} TensorInfo */
/** @typedef {import('./matrix-layout.js').MatrixReport} MatrixReport */

/** @param {Cell} cell */
export function nameOf({ role, block, layer }) {
  const { wholes, roles, blocks } = /** @type {Record<string, Record<string, string>>} */ (
    /** @type {unknown} */ (texts.map)
  );
  if (!layer) return wholes[role] ?? role;
  const place = texts.map.layer(layer.stack, layer.number);
  const part = roles[role] ?? role;
  if (block === undefined || block === 'vectors') return texts.map.name(place, part);
  return texts.map.name(place, texts.map.part(blocks[block] ?? block, part));
}

/**
 * @param {Cell} cell
 * @param {{ compared: boolean, histogram?: import('./histogram.js').State, onretry: () => void }} options
 */
export function detailsOf(cell, { compared, histogram, onretry }) {
  const facts = cell.tensors.length === 1 ? factsOf(cell) : tableOf(cell);
  return html`
    <h3>${nameOf(cell)}</h3>
    ${facts} ${cell.kind === 'matrix' ? nothing : html`<p class="muted">${explain(cell)}</p>`}
    ${cell.kind === 'matrix'
      ? [changesOf(cell.report, compared), histogramOf(histogram, onretry)]
      : nothing}
  `;
}

/** @param {Cell} cell */
function explain({ kind, role }) {
  if (kind === 'file') return texts.map.fileSentence;
  return texts.map.besideSentences[role] ?? texts.map.vectorsSentence;
}

/** @param {Cell} cell */
function factsOf({ kind, tensors: [tensor], report }) {
  const bytes = texts.map.bytes(tensor.bytes);
  const size = report
    ? texts.map.change(texts.map.bytes(report.bytes_before), texts.map.bytes(report.bytes_after))
    : bytes;
  const rows = [[texts.map.packageName, html`<code>${tensor.name}</code>`]];
  if (report && report.name !== tensor.name)
    rows.push([texts.map.nameBefore, html`<code>${report.name}</code>`]);
  if (kind !== 'file') {
    rows.push([texts.map.shape, html`${texts.map.sizes(tensor.shape)}`]);
    rows.push([texts.map.codec, html`${codecOf(tensor)}`]);
  }
  rows.push([texts.map.size, html`${size}`]);
  return html`<dl class="map-facts">
    ${rows.map(
      ([term, fact]) =>
        html`<div>
          <dt>${term}</dt>
          <dd>${fact}</dd>
        </div>`,
    )}
  </dl>`;
}

/** @param {TensorInfo} tensor */
const codecOf = (tensor) => texts.map.codecs[tensor.codec]?.(tensor) ?? tensor.codec;

/** @param {Cell} cell */
function tableOf(cell) {
  return html`
    <p>${texts.map.size}: ${texts.map.bytes(bytesOf(cell))}</p>
    <div class="map-parts" role="region" tabindex="0" aria-label=${nameOf(cell)}>
      <table>
        <thead>
          <tr>
            <th scope="col">${texts.map.packageName}</th>
            <th scope="col">${texts.map.weights}</th>
            <th scope="col">${texts.map.size}</th>
          </tr>
        </thead>
        <tbody>
          ${cell.tensors.map(
            (tensor) => html`
              <tr>
                <th scope="row"><code>${tensor.name}</code></th>
                <td>${texts.map.count(weightsOf(tensor))}</td>
                <td>${texts.map.bytes(tensor.bytes)}</td>
              </tr>
            `,
          )}
        </tbody>
      </table>
    </div>
  `;
}

/** @param {MatrixReport | undefined} report @param {boolean} compared */
function changesOf(report, compared) {
  if (!report)
    return html`<p class="muted">${compared ? texts.map.unknown : texts.map.nothingToCompare}</p>`;
  const { relative_error, snr_db, exact, flushed, sign_flips, weights } = report;
  if (relative_error === null || exact === null || flushed === null || sign_flips === null)
    return html`<p class="muted">${texts.map.reshaped}</p>`;
  const sentences =
    relative_error === 0
      ? [texts.map.errorSentence(0)]
      : [
          texts.map.errorSentence(relative_error),
          ...(snr_db === null ? [] : [texts.map.noiseSentence(snr_db)]),
          texts.map.exactSentence(exact, weights),
          texts.map.zerosSentence(flushed, weights),
          texts.map.flipsSentence(sign_flips),
        ];
  return html`
    <h4>${texts.map.distortion}</h4>
    <ul class="map-changes">
      ${sentences.map((sentence) => html`<li>${sentence}</li>`)}
    </ul>
  `;
}
