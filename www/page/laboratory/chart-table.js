// The chart's experiments as a table, for everybody: sortable, and its rows can be picked.

import { html, nothing } from 'lit-html';
import { repeat } from 'lit-html/directives/repeat.js';
import { texts } from './texts.js';
import { nameOf } from '../workbench/describe.js';
import { differenceOf, isFinal } from './chart-points.js';

/** @typedef {import('../workbench/experiment.js').Experiment} Experiment */
/** @typedef {'label' | 'size' | 'chrf' | 'difference' | 'bleu' | 'set' | 'seconds'} Column */
/** @typedef {{ column: Column, descending: boolean }} Order */

/**
 * @typedef {object} Row
 * @property {Experiment} experiment
 * @property {{ [C in Column]: string | number | undefined }} values what to sort by; undefined goes last
 */

/** @type {{ column: Column, cell: (row: Row) => unknown, numeric: boolean }[]} */
const COLUMNS = [
  { column: 'label', cell: ({ values }) => values.label, numeric: false },
  {
    column: 'size',
    cell: ({ values }) => texts.chart.cellSize(number(values.size)),
    numeric: true,
  },
  {
    column: 'chrf',
    cell: ({ values }) => texts.chart.cellScore(number(values.chrf)),
    numeric: true,
  },
  {
    column: 'difference',
    cell: ({ values }) => texts.chart.cellDifference(number(values.difference)),
    numeric: true,
  },
  {
    column: 'bleu',
    cell: ({ values }) => texts.chart.cellScore(number(values.bleu)),
    numeric: true,
  },
  { column: 'set', cell: setCell, numeric: false },
  {
    column: 'seconds',
    cell: ({ values }) => texts.chart.cellSeconds(number(values.seconds)),
    numeric: true,
  },
];

/** @param {string | number | undefined} value */
const number = (value) => /** @type {number | undefined} */ (value);

/** @param {Row} row */
function setCell({ experiment: { pair, set, score } }) {
  if (!score) return texts.chart.cellNone;
  const place = texts.chart.cellSet(pair, set ?? '');
  return isFinal(score)
    ? place
    : html`${place}<br />${texts.chart.soFar(score.sentences, score.total)}`;
}

/** @param {Experiment[]} experiments @param {Order} order @returns {Row[]} */
export function rowsOf(experiments, { column, descending }) {
  const rows = experiments.map((experiment) => ({
    experiment,
    values: {
      label: nameOf(experiment),
      size: experiment.bytes.wire_bytes,
      chrf: experiment.score?.chrf,
      difference: differenceOf(experiment, experiments),
      bleu: experiment.score?.bleu,
      set: experiment.score && `${experiment.pair} ${experiment.set}`,
      seconds: experiment.recipe.step.length ? experiment.seconds : undefined,
    },
  }));
  const collator = new Intl.Collator(texts.locale, { numeric: true });
  return rows.sort((left, right) => {
    const [a, b] = [left.values[column], right.values[column]];
    if (a === undefined || b === undefined)
      return Number(a === undefined) - Number(b === undefined);
    const sign = descending ? -1 : 1;
    return typeof a === 'number' ? sign * (a - Number(b)) : sign * collator.compare(a, String(b));
  });
}

/**
 * @param {Experiment[]} experiments
 * @param {Order} order
 * @param {{ current?: number, onsort: (order: Order) => void, onpick: (experiment: Experiment) => void }} options
 */
export function tableOf(experiments, order, { current, onsort, onpick }) {
  const rows = rowsOf(experiments, order);
  return html`
    <table>
      <caption class="visually-hidden">
        ${texts.chart.table}
      </caption>
      <thead>
        <tr>
          ${COLUMNS.map(({ column, numeric }) => {
            const sorted = order.column === column;
            const state = order.descending ? 'descending' : 'ascending';
            const descending = sorted
              ? !order.descending
              : column === 'chrf' || column === 'bleu' || column === 'difference';
            return html`
              <th
                scope="col"
                class=${numeric ? 'number' : nothing}
                aria-sort=${sorted ? state : nothing}
              >
                <button type="button" @click=${() => onsort({ column, descending })}>
                  ${texts.chart.columns[column]}<span class="sort-mark" aria-hidden="true"
                    >${sorted ? (order.descending ? '▾' : '▴') : ''}</span
                  >
                </button>
              </th>
            `;
          })}
        </tr>
      </thead>
      <tbody>
        ${repeat(
          rows,
          ({ experiment }) => `${experiment.pair} ${experiment.id}`,
          (row) => html`
            <tr aria-current=${row.experiment.id === current ? 'true' : nothing}>
              ${COLUMNS.map(({ column, cell, numeric }) =>
                column === 'label'
                  ? html`<th scope="row">
                      <button type="button" class="pick" @click=${() => onpick(row.experiment)}>
                        ${cell(row)}
                      </button>
                    </th>`
                  : html`<td class=${numeric ? 'number' : nothing}>${cell(row)}</td>`,
              )}
            </tr>
          `,
        )}
      </tbody>
    </table>
  `;
}
