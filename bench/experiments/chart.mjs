// Size against quality, as a picture.

import * as vega from 'vega';
import { compile } from 'vega-lite';
import { KINDS } from './recipes.mjs';

/**
 * An SVG of what experiments cost: megabytes that a user downloads to the right, chrF upwards, a panel
 * for each kind.
 *
 * @param {{ kind: string, family: string, label: string, wire_bytes: number, chrf: number }[]} rows
 * @param {{ wire_bytes: number, chrf: number }} original
 * @param {string} title
 */
export async function draw(rows, original, title) {
  const all = rows.map(({ wire_bytes, ...row }) => ({ ...row, size: wire_bytes / 1e6 }));
  const own = { size: original.wire_bytes / 1e6, chrf: original.chrf };
  // A model that has collapsed would press all others together.
  const floor = original.chrf - DEPTH;
  const shown = all.filter(({ chrf }) => chrf >= floor);
  const sizes = [own, ...shown].map(({ size }) => size);
  const x = {
    field: 'size',
    type: 'quantitative',
    title: 'download, MB',
    scale: { domain: [Math.floor(Math.min(...sizes)), Math.ceil(Math.max(...sizes))], nice: false },
  };
  const y = {
    field: 'chrf',
    type: 'quantitative',
    title: 'chrF',
    scale: { domain: [floor, original.chrf + 0.5], nice: false },
  };
  const kinds = KINDS.filter((kind) => rows.some((row) => row.kind === kind));
  const panel = (/** @type {string} */ kind) => ({
    title: { text: kind, anchor: 'start' },
    width: 420,
    height: 280,
    layer: [
      {
        data: { values: shown.filter((row) => row.kind === kind) },
        mark: { type: 'line', point: { filled: true, size: 40 }, strokeWidth: 1.5 },
        encoding: {
          x,
          y,
          order: { field: 'size' },
          color: {
            field: 'family',
            type: 'nominal',
            title: null,
            sort: null,
            scale: { scheme: 'tableau10' },
            legend: { labelLimit: 260, symbolLimit: 0 },
          },
        },
      },
      {
        data: { values: [own] },
        mark: { type: 'point', shape: 'diamond', filled: true, size: 140, color: 'black' },
        encoding: { x, y },
      },
      {
        data: { values: [own] },
        mark: { type: 'text', text: 'as imported', dy: -12, fontSize: 11 },
        encoding: { x, y },
      },
    ],
  });
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: title, anchor: 'start', fontSize: 16, offset: 12 },
    background: 'white',
    padding: 16,
    config: { font: 'system-ui, sans-serif', axis: { gridColor: '#e6e6e6' } },
    columns: 2,
    concat: kinds.map(panel),
    resolve: { scale: { color: 'independent' } },
  };
  const view = new vega.View(vega.parse(compile(/** @type {any} */ (spec)).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}

/** How many points of chrF below the original the picture shows. */
const DEPTH = 8;
