// The chart as files to take along: a picture that stands alone, and a table.

import { texts } from './texts.js';
import { nameOf } from '../workbench/describe.js';
import { drawChart } from './chart-drawing.js';
import { tipLines } from './chart-tip.js';

/** @typedef {import('../workbench/experiment.js').Experiment} Experiment */

const SVG = 'http://www.w3.org/2000/svg';
const SPACE = { width: 880, height: 520 };

/** The page's light colours: a picture in a text has no theme. */
const STYLE = `
svg { background: #ffffff; font: 13px system-ui, sans-serif; }
text { fill: #59635e; }
.axis path { stroke: none; }
.axis line { stroke: #d5dbd7; }
.focus, .ring { fill: none; }
.is-current .ring { stroke: #1a201d; stroke-width: 1.5; }
.reference line { stroke: #59635e; stroke-dasharray: 4 4; }
.frontier path { stroke: #0b6b57; stroke-width: 2; }
.mark { fill: #8b9690; stroke: #8b9690; stroke-width: 1.5; }
.is-best .mark { fill: #0b6b57; stroke: #0b6b57; }
.is-original .mark { fill: #1a201d; stroke: #1a201d; }
.is-unfinished .mark { fill: #ffffff; }
.legend tspan { fill: #8b9690; }
.legend .key-best { fill: #0b6b57; }
`;

/** @param {import('./chart-points.js').Picture} picture @param {string} pair */
export function toSvg(picture, pair) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('width', String(SPACE.width));
  svg.setAttribute('height', String(SPACE.height));
  const { points } = drawChart(svg, picture, SPACE);
  svg.append(legend());
  points.append('title').text((point) => tipLines(point).join('\n'));
  const title = element('title', texts.chart.pictureTitle(pair));
  const style = element('style', STYLE);
  svg.prepend(title, style);
  return new XMLSerializer().serializeToString(svg);
}

/** In one line of text, so that no width need be known. */
function legend() {
  const { best, other, unfinished } = texts.chart;
  const line = element('text', '');
  for (const [name, value] of Object.entries({
    x: SPACE.width - 18,
    y: 14,
    'text-anchor': 'end',
    class: 'legend',
  }))
    line.setAttribute(name, String(value));
  const keys = [
    { mark: '●', name: 'key-best', text: best },
    { mark: '●', name: 'key', text: other },
    { mark: '○', name: 'key', text: unfinished },
  ];
  for (const { mark, name, text } of keys) {
    const key = element('tspan', mark);
    key.setAttribute('class', name);
    line.append(key, `\u00A0${text}\u2003`);
  }
  return line;
}

/** @param {string} name @param {string} text */
function element(name, text) {
  const node = document.createElementNS(SVG, name);
  node.textContent = text;
  return node;
}

/** A row an experiment, after RFC 4180. Names of columns are for programs: they are in no language. @param {Experiment[]} experiments */
export function toCsv(experiments) {
  const rows = experiments.map((experiment) => {
    const { pair, recipe, bytes, score, set, seconds } = experiment;
    return {
      pair,
      label: nameOf(experiment),
      recipe: JSON.stringify(recipe),
      wire_bytes: bytes.wire_bytes,
      file_bytes: bytes.file_bytes,
      memory_bytes: bytes.memory_bytes,
      chrf: score?.chrf,
      bleu: score?.bleu,
      sentences: score?.sentences,
      set,
      seconds,
      healed_steps: experiment.healed?.steps,
    };
  });
  const lines = [Object.keys(rows[0]), ...rows.map((row) => Object.values(row))];
  return lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

/** @param {string | number | undefined} value */
function quoted(value) {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
