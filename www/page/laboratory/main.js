// The laboratory: joins its parts to the workbench. Loaded when someone opens it.

import { html, render } from 'lit-html';
import { texts } from './texts.js';
import { presets } from '../workbench/presets.js';
import { RecipeSearch } from '../workbench/search.js';
import { ChangedSentences } from './changed-sentences.js';
import { SizeQualityChart } from './chart.js';
import { HealPanel } from './heal-panel.js';
import { MatrixMap } from './matrix-map.js';
import { OwnFiles } from './own-files.js';
import { ReadyMade } from './ready-made.js';
import { RecipeEditor } from './recipe-editor.js';
import { SearchPanel } from './search-panel.js';
import { TakeAway } from './take-away.js';

/** @typedef {import('../dials/view.js').Parts} Parts */

export class LaboratoryView {
  #parts;
  #root;
  #ready;
  #editor;
  #chart;
  #search;
  #heal;
  #map;
  #changed;
  #takeAway;
  #ownFiles;
  /** The recipe that the editor was given last. */
  #shown = '';

  /**
   * @param {HTMLElement} root
   * @param {Parts} parts
   * @param {{ importFiles: (files: File[]) => void, onexport: () => void }} callbacks
   */
  constructor(root, parts, { importFiles, onexport }) {
    this.#parts = parts;
    this.#root = root;
    this.#frame();
    const { dials, workbench } = parts;
    const place = (/** @type {string} */ name) =>
      /** @type {HTMLElement} */ (root.querySelector(`[data-part="${name}"]`));
    this.#ready = new ReadyMade(place('ready'), parts, () => this.draw());
    this.#editor = new RecipeEditor(place('recipe'), {
      onrun: (recipe) => dials.use(recipe),
      oncancel: () => workbench.stop(),
    });
    this.#chart = new SizeQualityChart(place('chart'), { onpick: (experiment) => dials.pick(experiment) });
    const onuse = (/** @type {import('../../package/lab-protocol.js').Recipe} */ recipe) => {
      dials.use(recipe);
      place('recipe').scrollIntoView({ block: 'start' });
    };
    const search = new RecipeSearch(workbench, () => this.draw());
    this.#search = new SearchPanel(place('search'), { ...parts, search, onuse });
    this.#heal = new HealPanel(place('heal'), parts);
    this.#map = new MatrixMap(place('map'), { histogram: (name) => this.#model().histogram(name) });
    this.#changed = new ChangedSentences(place('changed'));
    this.#takeAway = new TakeAway(place('take'), { workbench, onexport });
    this.#ownFiles = new OwnFiles(place('files'), { workbench, dials, importFiles });
  }

  /** Puts what is known on screen. */
  draw() {
    this.#frame();
    const { workbench, dials } = this.#parts;
    const { base, made, work, error, testSet, experiments } = workbench;
    const { picked, plan } = dials;
    const { recipe } = plan;
    const key = JSON.stringify(recipe);
    // What someone writes by hand stays until something else is chosen.
    const editing = key === this.#shown ? this.#editor.recipe : recipe;
    this.#shown = key;
    this.#editor.show({
      recipe: editing,
      presets,
      // Where a file was to be had, no step of it is wrong.
      problem: picked ? undefined : error?.message,
      running: work && runningOf(work),
    });
    this.#ready.draw();
    const pair = base?.experiment.pair ?? this.#parts.app.direction.name;
    const own = experiments.filter((experiment) => experiment.pair === pair);
    this.#chart.show(own, { current: (made ?? base)?.experiment.id });
    this.#search.draw();
    this.#heal.draw();
    if (base) this.#map.show((made ?? base).info, made?.report);
    if (base?.translations && testSet) {
      this.#changed.show({
        sources: testSet.pairs.map(({ source }) => source),
        references: testSet.pairs.map(({ reference }) => reference),
        original: base.translations,
        compressed: made?.translations,
        languages: this.#parts.app.pair,
      });
    }
    this.#takeAway.draw();
    this.#ownFiles.draw();
  }

  #model() {
    const { base, made } = this.#parts.workbench;
    return /** @type {import('../../package/index.js').Model} */ ((made ?? base)?.model);
  }

  /** Headings and places; what is in the places is the parts' own. That of the recipe has its heading, too. */
  #frame() {
    const { laboratory } = texts;
    const { base } = this.#parts.workbench;
    const part = (/** @type {keyof typeof laboratory.parts} */ name, waiting = '', hidden = false) => html`
      <div class="part part-${name}" ?hidden=${hidden}>
        <h3>${laboratory.parts[name]}</h3>
        <p class="muted" ?hidden=${waiting === ''}>${waiting}</p>
        <div data-part=${name}></div>
      </div>
    `;
    render(
      html`
        <h2 id="laboratory-label" tabindex="-1">${laboratory.title}</h2>
        ${part('ready', '', !this.#ready?.isShown)}
        <div class="bench">
          <div class="part"><div data-part="recipe"></div></div>
          ${part('chart')}
        </div>
        ${part('search')}
        ${part('heal')}
        ${part('map', base ? '' : laboratory.waiting.map)}
        ${part('changed', base?.translations ? '' : laboratory.waiting.changed)}
        <div class="bench">${part('take')} ${part('files')}</div>
      `,
      this.#root,
    );
  }
}

/**
 * How far the recipe on screen is; nothing while a search or a download goes on, since a recipe may be run
 * meanwhile: that ends them.
 * @param {import('../workbench/workbench.js').Work} work
 */
function runningOf(work) {
  const { what: at } = work;
  if (at === 'searching' || at === 'fetching') return undefined;
  if (at === 'compressing') return { at, done: work.progress?.done ?? 0, what: work.progress?.what };
  if (at === 'scoring') return { at, done: (work.whose.score?.sentences ?? 0) / (work.whose.score?.total ?? 1) };
  return { at, done: 1 };
}
