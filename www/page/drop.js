// Files that are dropped on the page: a text to translate, sentences to score with, or a model.

import { element } from './dom.js';
import { textOf } from './text-file.js';

/** What a file is, by its name. */
const TEXT = /\.(txt|text|md)$/i;
const TEST_SET = /\.tsv$/i;
const MODEL = /\.(safetensors|bin|spm)(\.gz)?$/i;

/**
 * @param {object} takers
 * @param {(text: string) => void} takers.text
 * @param {(file: File) => void} takers.testSet
 * @param {(files: File[]) => void} takers.model
 * @param {(names: string[]) => void} takers.unknown
 */
export function takeDrops({ text, testSet, model, unknown }) {
  const zone = element('drop-zone', HTMLElement);
  /** Of the elements under the pointer, each says for itself that it was entered and left. */
  let depth = 0;
  const holdsFiles = (/** @type {DragEvent} */ { dataTransfer }) => dataTransfer?.types.includes('Files') === true;
  const end = () => {
    depth = 0;
    zone.hidden = true;
  };
  document.addEventListener('dragenter', (event) => {
    if (!holdsFiles(event)) return;
    depth++;
    zone.hidden = false;
  });
  document.addEventListener('dragleave', (event) => {
    if (holdsFiles(event) && --depth <= 0) end();
  });
  document.addEventListener('dragover', (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  document.addEventListener('drop', (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    end();
    const files = [...(event.dataTransfer?.files ?? [])];
    const [file] = files;
    if (!file) return;
    if (files.every(({ name }) => MODEL.test(name))) model(files);
    else if (files.length === 1 && TEST_SET.test(file.name)) testSet(file);
    else if (files.length === 1 && (TEXT.test(file.name) || file.type.startsWith('text/')))
      void textOf(file).then(text);
    else unknown(files.map(({ name }) => name));
  });
}
