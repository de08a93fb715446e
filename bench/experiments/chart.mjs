// Size against quality, as a picture.

import * as vega from 'vega';
import { compile } from 'vega-lite';

/**
 * An SVG of what experiments cost: megabytes that a user downloads to the right, chrF upwards.
 *
 * @param {{ family: string, label: string, wire_bytes: number, chrf: number }[]} rows
 * @param {{ wire_bytes: number, chrf: number }} original
 * @param {string} title
 */
export async function draw(rows, original, title) {
  const values = rows.map(({ family, label, wire_bytes, chrf }) => ({
    family,
    label,
    size: wire_bytes / 1e6,
    chrf,
  }));
  const own = [{ size: original.wire_bytes / 1e6, chrf: original.chrf }];
  // A model that has collapsed would press all others together.
  const floor = original.chrf - DEPTH;
  const shown = values.filter(({ chrf }) => chrf >= floor);
  const scale = { domain: [floor, original.chrf + 0.5], nice: false };
  const x = { field: 'size', type: 'quantitative', title: 'download, MB', scale: { zero: false } };
  const y = { field: 'chrf', type: 'quantitative', title: 'chrF', scale };
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    title: { text: title, anchor: 'start' },
    background: 'white',
    width: 720,
    height: 460,
    config: { font: 'system-ui, sans-serif', axis: { grid: true, gridColor: '#e6e6e6' } },
    layer: [
      {
        data: { values: shown },
        mark: { type: 'line', point: { filled: true, size: 45 }, strokeWidth: 1.5 },
        encoding: {
          x,
          y,
          order: { field: 'size' },
          color: {
            field: 'family',
            title: null,
            sort: null,
            scale: { scheme: 'category20' },
            legend: { symbolLimit: 0, labelLimit: 260 },
          },
        },
      },
      {
        data: { values: own },
        mark: { type: 'point', shape: 'diamond', filled: true, size: 140, color: 'black' },
        encoding: { x, y },
      },
      {
        data: { values: own },
        mark: { type: 'text', text: 'as imported', dy: -12, fontSize: 11 },
        encoding: { x, y },
      },
    ],
  };
  const view = new vega.View(vega.parse(compile(/** @type {any} */ (spec)).spec), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  return `${svg}\n`;
}

/** How many points of chrF below the original the picture shows. */
const DEPTH = 8;
