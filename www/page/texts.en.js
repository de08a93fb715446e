// Every text of the page, in English; those of the laboratory alone stand at the end. Another language is
// another file with all of these keys. Elements of index.html with data-text="key" take theirs from here.

const megabytes = new Intl.NumberFormat('en', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const whole = new Intl.NumberFormat('en');
const megabytes2 = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const nats = new Intl.NumberFormat('en', { maximumSignificantDigits: 2, maximumFractionDigits: 6 });
const decimal = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const list = new Intl.ListFormat('en');
const milliseconds = new Intl.NumberFormat('en', {
  style: 'unit',
  unit: 'millisecond',
  maximumFractionDigits: 0,
});
const seconds = new Intl.NumberFormat('en', {
  style: 'unit',
  unit: 'second',
  maximumFractionDigits: 1,
});

/** @param {number} bytes */
const mb = (bytes) => megabytes.format(bytes / 1e6);

/** In one piece: a number and its unit stay on one line. @param {number} ms */
const duration = (ms) => {
  const text =
    ms < 1000 ? milliseconds.format(Math.max(1, Math.round(ms))) : seconds.format(ms / 1000);
  return text.replace(' ', '\u00A0');
};

const tenths = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const change = new Intl.NumberFormat('en', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
  signDisplay: 'exceptZero',
});
const ratio = new Intl.NumberFormat('en', { minimumSignificantDigits: 2, maximumSignificantDigits: 2 });

/** @typedef {import('./workbench/experiment.js').Score} Score */

/** A true minus sign. @param {number} by */
const changed = (by) => change.format(by).replace('-', '\u2212');

const smallPercent = new Intl.NumberFormat('en', { style: 'percent', maximumSignificantDigits: 2 });
const wholePercent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });
/** Of scales, where 8 is not 8.0. */
const tenth = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const weights = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });

/** @param {number} value */
const decimalOf = (value) => weights.format(value).replace('-', '\u2212');

/** @param {number} share */
const shareOf = (share) => (share < 0.095 ? smallPercent : wholePercent).format(share);

/** @param {number} count @param {string} one @param {string} many */
const plural = (count, one, many) => (count === 1 ? one : `${whole.format(count)} ${many}`);

/** @typedef {{ sentences: number, cpu_ms: number, gpu_ms?: number }} Sample */

/** @param {Sample} sample */
const onCpu = ({ sentences, cpu_ms }) => {
  const what = sentences === 1 ? 'One sentence' : `${whole.format(sentences)} sentences`;
  return `${what} took ${duration(cpu_ms)} on the CPU`;
};

/** @param {Sample} sample */
const onBoth = (sample) => {
  const gpu = sample.gpu_ms === undefined ? 'much longer' : duration(sample.gpu_ms);
  return `${onCpu(sample)} and ${gpu} on the GPU.`;
};

export const texts = {
  locale: 'en',
  title: 'Pocketglot: translation on your device',
  pageLanguage: 'Language of this page',
  /** @param {string} name */
  languageMissing: (name) => `${name} could not be loaded. Is the device offline?`,
  theme: {
    system: 'Light or dark as the system has it',
    light: 'Light theme',
    dark: 'Dark theme',
  },
  tagline: 'Translation that stays on your device',
  clear: 'Clear',
  undoClear: 'Undo',
  copy: 'Copy',
  copied: 'Copied',
  stop: 'Stop',
  cancel: 'Cancel',
  samplesLabel: 'Or try one of these',
  updateReady: 'A new version of this page is ready.',
  updateAction: 'Reload',
  credit:
    'The translation models were made by Mozilla and the Bergamot project and are used under the MPL-2.0.',
  modelLicence: 'Model licence',
  notices: 'Third-party notices',

  translateFrom: 'Translate from',
  translateInto: 'Translate into',
  /** @param {string} source @param {string} target */
  swap: (source, target) => `Swap languages: translate from ${target} to ${source}`,
  /** @param {string} language */
  sourcePlaceholder: (language) => `Write or paste ${language} text`,
  /** @param {string} language */
  targetPlaceholder: (language) => `${language} appears here as you type`,
  /** @param {number} words */
  count: (words) => (words === 1 ? '1 word' : `${whole.format(words)} words`),

  /** @param {string} pair @param {number | undefined} bytes */
  firstVisit: (pair, bytes) =>
    `${pair} is a download${bytes === undefined ? '' : ` of ${mb(bytes)} MB`}, once. It is kept in this browser and then works offline.`,
  download: 'Download now',
  /** @param {string} pair */
  preparing: (pair) => `Getting ${pair} ready…`,
  /** @param {string} pair @param {number | undefined} loaded @param {number | undefined} total */
  downloading: (pair, loaded, total) => {
    if (loaded === undefined) return `Downloading ${pair}…`;
    const figures = total === undefined ? mb(loaded) : `${mb(loaded)} of ${mb(total)}`;
    return `Downloading ${pair}: ${figures} MB. It is kept for next time.`;
  },
  downloadLabel: 'Model download',
  /** @param {number | undefined} loaded @param {number | undefined} total */
  cancelled: (loaded, total) =>
    loaded && total
      ? `The download was cancelled after ${mb(loaded)} of ${mb(total)} MB. Your text is safe.`
      : 'The download was cancelled. Your text is safe.',
  /** @param {string} message */
  failed: (message) => `${message} Your text is safe.`,
  retry: 'Try again',
  stopped: 'The translation was stopped. Your text is safe.',
  translate: 'Translate',
  notKept:
    'This browser did not let the page keep the model: it works now, and the next visit downloads it again.',
  /** @param {string} what */
  unsupported: (what) =>
    `This browser cannot run the translator: it has no ${what}. A current Chrome, Edge, Firefox or Safari can.`,

  workLabel: 'Translation progress',
  /** @param {number} done @param {number} total */
  work: (done, total) => `${whole.format(done)} of ${whole.format(total)} words`,

  onDevice: 'on your device',
  /** @param {number} threads */
  cpu: (threads) =>
    `CPU, ${threads === 1 ? '1 thread' : `${whole.format(threads)} threads`}`,
  /** @param {string | undefined} adapter */
  gpu: (adapter) => (adapter ? `GPU (${adapter})` : 'GPU'),
  private: 'nothing leaves this page',
  offline: 'you are offline, and it still works',
  offlineMissing: 'You are offline, and this direction has not been downloaded yet.',
  duration,

  gpuLost: 'The GPU stopped, and the CPU took over. Nothing was lost.',
  dismiss: 'Dismiss',
  /** What the package says when something fails. @param {string} message */
  message: (message) => message,
  /** Two sentences. @param {string} first @param {string} second */
  together: (first, second) => `${first} ${second}`,

  computing: 'What computes here, and why',
  /** @param {string} reason */
  noGpu: (reason) => `The CPU translates. ${reason}`,
  notMeasured:
    'The CPU translates. Whether a GPU would be faster is measured on this device after a translation, when the page rests.',
  faster: {
    short: {
      long: 'Measured on this device, the GPU is faster, so it translates.',
      notLong:
        'Measured on this device, the GPU is faster with short texts and the CPU with long ones. Each gets what suits it.',
    },
    notShort: {
      long: 'Measured on this device, the CPU is faster with short texts and the GPU with long ones. Each gets what suits it.',
      notLong: 'Measured on this device, the CPU is faster than the GPU, so it translates.',
    },
  },
  /** @param {{ short: Sample, long: Sample }} measured */
  times: ({ short, long }) =>
    short.gpu_ms === undefined
      ? `${onBoth(short)} ${onCpu(long)}; the GPU did not get to them.`
      : `${onBoth(short)} ${onBoth(long)}`,
  cpuWeights: 'Model, for the CPU',
  gpuWeights: 'Model, on the GPU',
  gpuMemory: 'GPU memory in all',
  /** @param {number} bytes */
  bytes: (bytes) => `${mb(bytes)} MB`,

  dialsLabel: 'How small can it get?',
  reset: 'Back to the original',
  sizeLabel: 'Model size',
  precisionLabel: 'Precision',
  pruningLabel: 'Pruning',
  methodLabel: 'Method',
  qualityLabel: 'Quality',
  roundingLabel: 'Rounding',
  criterionLabel: 'What is pruned',
  whereLabel: 'Pruned where',
  testSetLabel: 'Score with your own sentences (a file of tab-separated pairs)',
  ourSet: 'Use ours',
  showOriginal: 'Original',
  openLaboratory: 'Open the laboratory',
  closeLaboratory: 'Close the laboratory',
  laboratoryHint: 'Every method, a chart of what you tried, and the model to take with you.',
  guideLabel: 'First steps',
  guideDismiss: 'Hide these steps',
  dropHere: 'Drop a text to translate, or a model.',
  guide: {
    steps: {
      turn: 'Turn a dial',
      compare: 'See which words change',
      laboratory: 'Open the laboratory',
      export: 'Take your model with you',
    },
    done: 'done',
  },
  files: {
    /** @param {string} names */
    unknown: (names) => `${names}: this page takes a text (.txt), sentence pairs (.tsv), a model (.safetensors) or the three files of a Bergamot model.`,
    /** @param {string} reason */
    modelFailed: (reason) => `The model could not be taken in. ${reason} What was here stays.`,
    modelReading: 'Reading the model…',
    /** @param {string} pair */
    modelHere: (pair) => `Your model translates now: ${pair}.`,
    /** @param {string} reason */
    setFailed: (reason) => `The sentence pairs could not be read. ${reason}`,
    linkBroken: 'The address carries a recipe that can’t be read; the page goes on without it.',
  },
  laboratory: {
    title: 'The laboratory',
    opening: 'Opening…',
    retry: 'Try again',
    unreachable: 'The laboratory could not be loaded. Is the device offline?',
    parts: {
      ready: 'Ready to download',
      chart: 'Size against quality',
      search: 'Search for recipes',
      heal: 'Let it learn again',
      map: 'Where the bytes are',
      changed: 'Sentences that changed most',
      take: 'Take it with you',
      files: 'Your own files',
    },
    waiting: {
      map: 'Run a recipe or turn a dial: the model is taken apart then.',
      changed: 'Run a recipe or turn a dial: once the test sentences are scored, they stand here.',
    },
    take: {
      none: 'Run a recipe or turn a dial first. Then the smaller model can be downloaded, embedded in a page of yours, or made again from a link.',
      rough: 'The model that is meant is still being made.',
      /** @param {string} recipe */
      of: (recipe) => `The model that translates now: ${recipe}.`,
      /** @param {number | undefined} bytes */
      zipped: (bytes) => `Download the model${bytes === undefined ? '' : `, ${mb(bytes)} MB`}`,
      /** @param {number | undefined} bytes */
      plain: (bytes) => `Not gzipped${bytes === undefined ? '' : `, ${mb(bytes)} MB`}`,
      use: 'To translate with it in a page of yours, put the file beside the page, the package’s folder too, and these lines into it:',
      linesLabel: 'Lines that embed the model',
      copyLines: 'Copy the lines',
      copyLink: 'Copy a link to this recipe',
      linkNone: 'No link makes this model again: what it has learned is in its file alone.',
      link: 'Whoever opens the link makes the same model on a device of their own. It carries the recipe and fingerprints of the model and the calibration text, no text of yours.',
    },
    files: {
      calibration: 'Text to calibrate with, a sentence a line (.txt)',
      calibrationOurs: 'Now: 200 sentences that we wrote. Text of the kind that will be translated serves better, above all for pruning.',
      /** @param {string} name @param {number} lines */
      calibrationNow: (name, lines) => `Now: ${name}, ${lines === 1 ? 'one line' : `${whole.format(lines)} lines`}.`,
      calibrationEmpty: 'The file holds no text.',
      model: 'A model to begin from',
      modelNote: 'A package (.safetensors, also .gz), or the files of a Bergamot model as Firefox has them: model, vocabulary and shortlist together. You can also drop them anywhere on this page.',
    },
  },
  healed: {
    /** Of the models that `make heal` makes. */
    kinds: { small: 'Small', tiny: 'Tiny', sparse: 'Pruned', narrow: 'Narrow' },
    /** @param {string} kind */
    downloaded: (kind) => `${kind}, healed, as downloaded`,
    /** @param {string} recipe @param {number} steps */
    name: (recipe, steps) => `${recipe}, healed (${steps === 1 ? '1 step' : `${whole.format(steps)} steps`})`,
    /** @param {string} recipe @param {number} steps */
    gone: (recipe, steps) =>
      `${recipe}, was healed (${steps === 1 ? '1 step' : `${whole.format(steps)} steps`}) before the reload: its file is gone, and the recipe is made anew`,
  },
  dials: {
    waiting: 'Turn a dial to see what a smaller model does to your text. First the model has to be here.',
    rest: 'Turn a dial: the model is made smaller here, on your device, and translates your text again.',
    /** @param {string} recipe */
    linkWaiting: (recipe) => `This link carries a recipe: ${recipe}. It starts as soon as the model is here.`,
    missing: {
      model: 'The link was made with another model than the one that is here, so the result may differ.',
      calibration:
        'The link was made with a calibration text that is not here; another one was used, so the result may differ. With the same text, chosen in the laboratory, it comes out the same.',
    },
    noText: 'Write something above, and see what changes in its translation.',
    /** @param {string} recipe */
    byRecipe: (recipe) => `A recipe that the dials can’t show: ${recipe}.`,
    /** @param {string} name */
    downloaded: (name) => `A model that was made before: ${name}. The dials start from the original again.`,
    /** @param {number} bits */
    bits: (bits) => (bits === 1 ? '1 bit' : `${whole.format(bits)} bits`),
    bitsNote: 'as downloaded',
    /** @param {number} share */
    sparsity: (share) => percent.format(share),
    rounding: {
      auto: 'Rough at once, then calibrated',
      nearest: 'To the nearest',
      mse: 'Least squared error',
      gptq: 'GPTQ, in groups of 64',
      coded: 'GPTQ, one grid, entropy-coded',
    },
    pruning: {
      auto: 'Smallest at once, then with compensation (OBS)',
      magnitude: 'The smallest weights',
      wanda: 'Small weights with small inputs (Wanda)',
      obs: 'With compensation by the others (OBS)',
    },
    where: { linear: 'In the layers', all: 'In the layers and the embedding' },
    methodNote:
      'Calibrated methods look at what enters each layer while the model translates some text of ours. Pruning makes the file smaller, not the translation faster.',
    rounded: 'Each weight is kept with fewer bits. What matters most to the translation is rounded with the most care.',
    roundedNearest: 'Each weight is kept with fewer bits, rounded to the nearest value that they can hold.',
    pruned: 'The weights that matter least become zero. That makes the file smaller, not the translation faster.',
    larger: 'The weights come with 8 bits: more make the model larger and no better.',

    /** @param {{ wire_bytes?: number, file_bytes: number, memory_bytes: number }} now @param {number | undefined} before */
    sizes: ({ wire_bytes, file_bytes, memory_bytes }, before) => {
      const wire = wire_bytes === undefined ? '…' : mb(wire_bytes);
      const than = before === undefined ? '' : ` instead of ${mb(before)}`;
      return `${wire} MB to download${than} · file ${mb(file_bytes)} MB · in memory ${mb(memory_bytes)} MB`;
    },
    /** @param {{ wire_bytes?: number, file_bytes: number, memory_bytes: number }} bytes */
    originalSizes: ({ wire_bytes, file_bytes, memory_bytes }) =>
      `${mb(wire_bytes ?? 0)} MB to download · file ${mb(file_bytes)} MB · in memory ${mb(memory_bytes)} MB`,
    /** @param {number | undefined} wire */
    download: (wire) => (wire === undefined ? '' : `${mb(wire)} MB to download`),

    /** @param {Score} score @param {Score | undefined} original of the same sentences @param {string | undefined} set */
    score: ({ chrf, bleu, sentences, total, words_per_second }, original, set) => {
      const difference = (/** @type {number} */ now, /** @type {number | undefined} */ then) =>
        then === undefined ? '' : ` (${changed(now - then)})`;
      const of = sentences < total ? `${whole.format(sentences)} of ${whole.format(total)}` : whole.format(total);
      const where = set === undefined ? `${of} sentences of ours` : `${of} sentences of ${set}`;
      const then = original?.words_per_second;
      const speed = words_per_second && then ? ` · speed × ${ratio.format(words_per_second / then)}` : '';
      return `chrF ${tenths.format(chrf)}${difference(chrf, original?.chrf)} · BLEU ${tenths.format(bleu)}${difference(bleu, original?.bleu)} · ${where}${speed}`;
    },
    noScore: 'Measured when a dial is turned.',
    noSet: 'We have no test sentences for these languages: choose a file of yours under “Method”.',
    opening: 'Taking the model apart…',
    searching: 'Searching for recipes in the laboratory…',
    /** @param {string | undefined} what @param {boolean} rough */
    compressing: (what, rough) => {
      const doing = rough ? 'The rough result is there; calibrating' : 'Making it smaller';
      return what === undefined ? `${doing}…` : `${doing}: ${what}`;
    },
    calibration: 'translating the calibration text',
    gzip: 'packing',
    measuring: 'Weighing the file…',
    scoringOriginal: 'Scoring the original, to compare with…',
    scoring: 'Scoring…',
    stopped: 'Stopped. What is there stays.',
    away: 'The smaller model is not in this browser.',
    scoreAgain: 'Score it',
    makeAgain: 'Make it',
    retry: 'Try again',
    /** @param {string} message */
    failed: (message) => `${message} Your text and the model as it was are safe.`,

    rough: 'rough',
    /** @param {string} recipe @param {boolean} rough */
    shown: (recipe, rough) => (rough ? `${recipe}, rough` : recipe),
    originalShown: 'as downloaded',
    /** @param {string} other */
    otherWords: (other) => (other === '' ? 'not in the original' : `original: ${other}`),
    /** @param {number} changed @param {number} total */
    changes: (changed, total) => {
      if (changed === 0) return `What changed: nothing, in ${total === 1 ? 'one word' : `${whole.format(total)} words`}`;
      return `What changed: ${whole.format(changed)} of ${whole.format(total)} ${total === 1 ? 'word' : 'words'}`;
    },
    changesNone: 'What changed',
    original: 'Original',
    smaller: 'Smaller',
    nothing: '(nothing)',

    verdict: {
      same: 'Hardly any difference: about as good as the original.',
      little: 'A little is lost. Look at the words that changed.',
      /** @param {string | undefined} word */
      forgets: (word) =>
        word ? `The model starts to forget words: look at “${word}”.` : 'The model starts to forget words.',
      collapses: 'The model has collapsed: it no longer translates.',
      calibrate: 'The method that looks at what enters each layer holds better here.',
      calibrateAction: 'Use it',
      retrain: 'Nothing that works without training holds so far down. One notch up does.',
      roughCollapse: 'This is the rough result. The calibrated one, which holds better, is on its way.',
    },
    /** @param {string} recipe */
    announceMade: (recipe) => `The smaller model translates: ${recipe}.`,
    /** @param {number} chrf @param {number} by */
    announceScore: (chrf, by) => `Scored: chrF ${tenths.format(chrf)}, ${changed(by)} against the original.`,

    /** @param {string} name @param {number} pairs */
    testSet: (name, pairs) => `${name}: ${whole.format(pairs)} pairs.`,
    /** @param {number} pairs */
    ourTestSet: (pairs) => `Ours: ${whole.format(pairs)} pairs that we wrote.`,
    testSetErrors: {
      empty: 'The file holds no pairs.',
      columns: 'The file has one column. It needs two, parted by a tab: the text and its translation.',
      /** @param {number} line */
      line: (line) => `Line ${whole.format(line)} of the file has no text or no translation.`,
    },
  },

  chart: {
    /** @param {number} points */
    label: (points) =>
      `Download size and translation quality of ${plural(points, 'one model', 'models')}. Arrow keys go from one to the next, Enter loads it.`,
    empty:
      'Nothing to compare yet. Each model that you make and score appears here, as small as its download and as high as its score.',
    across: 'Download, MB',
    up: 'Quality, chrF',
    /** @param {number} value */
    tick: (value) => tenth.format(value),
    /** @param {number} chrf */
    reference: (chrf) => `Original ${tenths.format(chrf)}`,
    best: 'No other is smaller and better',
    other: 'Another is smaller and better',
    unfinished: 'Still being scored',
    /** @param {number} count */
    waiting: (count) =>
      count === 1
        ? 'One model waits for its download size or its score.'
        : `${whole.format(count)} models wait for their download size or their score.`,
    /** @param {number} count */
    elsewhere: (count) =>
      count === 1
        ? 'One was scored on other sentences, so it stands only in the table.'
        : `${whole.format(count)} were scored on other sentences, so they stand only in the table.`,
    /** @param {number} count */
    below: (count) =>
      count === 1
        ? 'The triangle at the bottom lies further down: it lost more than 10 points.'
        : `The ${whole.format(count)} triangles at the bottom lie further down: they lost more than 10 points.`,
    /** @param {string[]} lines */
    point: (lines) => lines.join(', '),
    /** @param {number} bytes */
    size: (bytes) => `${mb(bytes)} MB to download`,
    /** @param {number} chrf @param {number | undefined} points */
    chrf: (chrf, points) =>
      points === undefined
        ? `chrF ${tenths.format(chrf)}`
        : `chrF ${tenths.format(chrf)} (${changed(points)})`,
    /** @param {number} bleu */
    bleu: (bleu) => `BLEU ${tenths.format(bleu)}`,
    /** @param {number} sentences @param {number} total */
    soFar: (sentences, total) => `${whole.format(sentences)} of ${whole.format(total)} sentences`,
    /** @param {number} seconds */
    seconds: (seconds) => `made in ${duration(seconds * 1000)}`,
    saveSvg: 'Save as SVG',
    saveCsv: 'Save as CSV',
    /** @param {string} pair */
    pictureTitle: (pair) => `Size and quality of ${pair} models made with Pocketglot`,
    table: 'All of them as a table',
    columns: {
      label: 'Recipe',
      size: 'MB',
      chrf: 'chrF',
      difference: 'Difference',
      bleu: 'BLEU',
      set: 'Scored on',
      seconds: 'Made in',
    },
    cellNone: '–',
    /** @param {number | undefined} bytes */
    cellSize: (bytes) => (bytes === undefined ? '…' : mb(bytes)),
    /** @param {number | undefined} score */
    cellScore: (score) => (score === undefined ? '–' : tenths.format(score)),
    /** @param {number | undefined} points */
    cellDifference: (points) => (points === undefined ? '–' : changed(points)),
    /** @param {number | undefined} seconds */
    cellSeconds: (seconds) => (seconds === undefined ? '–' : duration(seconds * 1000)),
    /** @param {string} pair @param {string} set */
    cellSet: (pair, set) => `${pair}, ${set}`,
  },

  announceDownload: 'Downloading the translation model.',
  announceReady: 'The translator is ready.',
  announceTranslated: 'Translation updated.',
  announceCleared: 'Text cleared. Undo brings it back.',

  recipe: {
    title: 'Recipe',
    undo: 'Undo',
    undone: 'The last change was taken back.',
    preset: 'Start from',
    ownRecipe: 'A recipe of your own',
    ownAbout: 'Change the steps as you like, or start again from one that is ready.',
    /** Names and a sentence each; a preset without them shows its own name. */
    presets: {
      half: {
        name: 'Half floats',
        about: '16 bits a weight: larger than the 8-bit original and no better, to compare with.',
      },
      int8: {
        name: '8 bits',
        about: 'A scale a row. Nothing is lost, and nothing is gained over an 8-bit original.',
      },
      int6: {
        name: '6 bits',
        about: 'Groups of 64 weights with scales of least squared error. Hardly a word changes.',
      },
      int5: {
        name: '5 bits',
        about: 'Smaller still, at less than one point of chrF in our tests.',
      },
      int4: {
        name: '4 bits',
        about: 'Rounded without looking at any text: quick, and some words begin to change.',
      },
      'int4-gptq': {
        name: '4 bits, GPTQ',
        about: 'As small as 4 bits, but rounding makes up for its own errors.',
      },
      small: {
        name: 'Small',
        about:
          '4 bits on average and no word list: about 9 MB for less than one point of chrF in our tests.',
      },
      tiny: {
        name: 'Tiny',
        about:
          '3.3 bits on average and no word list: about 7.5 MB, half the download, for 1.7 to 2.7 points of chrF in our tests.',
      },
      'sparse-20': {
        name: '20% pruned',
        about: 'A fifth of the weights, the smallest, become zero. Same speed.',
      },
      'sparse-40': {
        name: '40% pruned, OBS',
        about:
          'Two fifths of the weights go and the others make up for them. Same speed, and words do change.',
      },
    },
    /** @param {string} name */
    presetChosen: (name) => `The steps are now those of ${name}. Undo brings yours back.`,
    loaded: 'The steps are those of the recipe that was opened. Undo brings yours back.',
    empty: 'No steps: the model stays as it is. Add a step, or start from a recipe that is ready.',
    steps: 'Steps, in order',
    /** @param {number} number @param {string} method */
    step: (number, method) => `Step ${whole.format(number)}: ${method}`,
    drag: 'Drag to another place',
    /** @param {number} number @param {string} method */
    up: (number, method) => `Move step ${whole.format(number)} up: ${method}`,
    /** @param {number} number @param {string} method */
    down: (number, method) => `Move step ${whole.format(number)} down: ${method}`,
    /** @param {number} number @param {string} method */
    duplicate: (number, method) => `Duplicate step ${whole.format(number)}: ${method}`,
    /** @param {number} number @param {string} method */
    remove: (number, method) => `Remove step ${whole.format(number)}: ${method}`,
    /** @param {string} method @param {number} number @param {number} count */
    moved: (method, number, count) =>
      `${method} is now step ${whole.format(number)} of ${whole.format(count)}.`,
    /** @param {string} method @param {number} number @param {number} count */
    added: (method, number, count) =>
      `${method} was added as step ${whole.format(number)} of ${whole.format(count)}.`,
    /** @param {string} method */
    removed: (method) => `${method} was removed. Undo brings it back.`,
    add: 'Add a step',
    about: 'What it does',
    paper: 'Read the paper',
    papers: 'Read the papers',
    /** @param {string} authors @param {number} year @param {string} title */
    citation: (authors, year, title) => `${authors}, ${year}: ${title}`,
    newTab: '(opens a new tab)',
    calibrated: 'Looks at text first, which takes some seconds.',
    /** @param {number} count */
    exceptions: (count) =>
      count === 1
        ? 'One pattern of matrices has bits of its own: see the recipe as text.'
        : `${whole.format(count)} patterns of matrices have bits of their own: see the recipe as text.`,
    /** @param {string} method */
    unknown: (method) =>
      `This page knows no method “${method}”. Remove the step, or correct its name in the text below.`,
    target: 'Applies to',
    targets: {
      all: { label: 'All matrices', help: 'The embedding and every layer.' },
      embedding: { label: 'The embedding', help: 'The table of word pieces: half of the model.' },
      linear: { label: 'All layers', help: 'Everything but the embedding.' },
      attention: { label: 'Attention', help: 'Where words look at each other.' },
      ffn: { label: 'Feed-forward layers', help: 'Where each word is thought over by itself.' },
      vectors: { label: 'Biases and norms', help: 'All that is no matrix, in half floats.' },
      pattern: { label: 'Matrices by name', help: '' },
    },
    pattern: 'Names of matrices',
    patternHelp:
      '* stands for any letters, ? for one: encoder.?.ffn.* is every feed-forward matrix of the encoder.',
    patternMissing: 'Write a name or a pattern of names.',
    /** @param {number} least @param {number} most @param {boolean} wholes */
    range: (least, most, wholes) => {
      const kind = wholes ? 'a whole number' : 'a number';
      return most > 1e6
        ? `Please give ${kind} from ${whole.format(least)} on.`
        : `Please give ${kind} from ${decimal.format(least)} to ${decimal.format(most)}.`;
    },
    layersWrong: 'Please give layers counted from 0, with commas between them, none twice: 1, 3.',
    /** @param {number} value */
    percent: (value) => percent.format(value),
    on: 'Yes',
    text: 'The recipe as text',
    json: 'JSON',
    jsonHelp: 'This text can be edited. “Use this text” puts it into the steps above.',
    apply: 'Use this text',
    discard: 'Discard my changes',
    applied: 'The steps are those of the text. Undo brings the earlier ones back.',
    /** @param {string} reason */
    notJson: (reason) => `This is no JSON: ${reason}`,
    noSteps: 'A recipe looks like { "step": [ … ] }, with a list of steps and nothing else.',
    noNull: 'A recipe holds no null, and no number without end.',
    /** @param {number} number */
    noMethod: (number) => `Step ${whole.format(number)} has no "method", or it is no text.`,
    /** @param {number} number @param {string} method @param {string[]} known */
    badMethod: (number, method, known) =>
      `Step ${whole.format(number)}: there is no method “${method}”. There are ${list.format(known)}.`,
    toml: 'TOML, for the command line',
    run: 'Run this recipe',
    cancel: 'Cancel',
    correct: 'Please correct what is marked first.',
    running: 'Progress of the recipe',
    started: 'The recipe runs.',
    ended: 'The recipe has ended.',
    working: 'Starting…',
    calibration: 'Translating the calibration text',
    gzip: 'Packing the file, to know the download',
    /** @param {string} matrix */
    matrix: (matrix) => `Changing ${matrix}`,

    original: 'original',
    /** Short names of steps, for charts and status lines. */
    short: {
      /** @param {string} what @param {string} target */
      aimed: (what, target) => `${what} (${target})`,
      /** @param {number} bits @param {string} rounding */
      bits: (bits, rounding) => {
        const size =
          bits === 32
            ? 'single floats'
            : bits === 16
              ? 'half floats'
              : `${decimal.format(bits)} bits`;
        return rounding === 'gptq' ? `${size}, GPTQ` : size;
      },
      vectors: 'half-float norms',
      /** @param {number | undefined} share @param {string} criterion */
      pruned: (share, criterion) => {
        const amount = share === undefined ? '2 of 4 pruned' : `${percent.format(share)} pruned`;
        return criterion === 'wanda'
          ? `${amount}, Wanda`
          : criterion === 'magnitude'
            ? amount
            : `${amount}, ${criterion.toUpperCase()}`;
      },
      /** @param {number} share */
      neurons: (share) => `${percent.format(share)} of neurons out`,
      /** @param {number} count */
      heads: (count) =>
        count === 1 ? '1 head a layer out' : `${whole.format(count)} heads a layer out`,
      /** @param {number} share */
      headsShare: (share) => `${percent.format(share)} of heads out`,
      /** @param {number} count */
      encoder: (count) =>
        count === 1 ? '1 encoder layer out' : `${whole.format(count)} encoder layers out`,
      /** @param {number} count */
      decoder: (count) =>
        count === 1 ? '1 decoder layer out' : `${whole.format(count)} decoder layers out`,
      /** @param {number} rank */
      rank: (rank) => `rank ${whole.format(rank)}`,
      /** @param {number} share */
      energy: (share) => `low rank, ${percent.format(share)} of the energy`,
      /** @param {number} share */
      size: (share) => `low rank, ${percent.format(share)} of the bytes`,
      /** @param {number} dimension */
      codebook: (dimension) => `codebook of ${whole.format(dimension)}`,
      /** @param {number} keep */
      trim: (keep) => `${whole.format(keep)} pieces`,
      screen: 'no word list',
    },
  },
};

// What is said in the laboratory alone, which nobody else downloads: laboratory/texts.js.
export const laboratory = {
  readyMade: {
    about:
      'These were compressed, and then learned again from the original, for longer than you would want to wait here. Each is a download, with nothing to compute; it is checked by its SHA-256 and kept in this browser.',
    /** @param {string} kind @param {number} bytes */
    title: (kind, bytes) => `${kind}, healed: ${megabytes2.format(bytes / 1e6)} MB`,
    /** How it was made, with its recipe in short. */
    how: {
      /** @param {string} recipe @param {string} training */
      healed: (recipe, training) => `Compressed (${recipe}); then it learned from the original, ${training}.`,
      /** @param {string} recipe @param {string} training */
      pruned: (recipe, training) =>
        `It learned from the original, ${training}, and was pruned bit by bit meanwhile. At once that is: ${recipe}.`,
      /** @param {string} recipe @param {string} training */
      distilled: (recipe, training) =>
        `A student of another shape (${recipe}) that learned from the original, ${training}.`,
    },
    /** @param {number} steps @param {number | undefined} seconds */
    training: (steps, seconds) => {
      const length = plural(steps, 'one step', 'steps');
      if (seconds === undefined) return length;
      return `${length} in ${seconds < 90 ? duration(seconds * 1000) : plural(Math.round(seconds / 60), 'one minute', 'minutes')}`;
    },
    larger: 'The download is larger than the original’s.',
    noModel: 'First the original has to be here, to compare with: translate something above.',
    download: 'Download and use',
    use: 'Use',
    stop: 'Stop',
    retry: 'Try again',
    current: 'Translates now',
    /** @param {string} action @param {string} title */
    action: (action, title) => `${action} (${title})`,
    progressLabel: 'Download of the smaller model',
    /** @param {number} loaded @param {number | undefined} total */
    progress: (loaded, total) => (total === undefined ? `${mb(loaded)} MB` : `${mb(loaded)} of ${mb(total)} MB`),
    /** @param {string} reason */
    failed: (reason) => `${reason} What translated before still does, and your text is safe.`,
    unlisted: 'Which models are ready to download could not be found out. Is the device offline?',
  },

  heal: {
    about:
      'What compression took from a model, training gives back in part: the smaller model learns to say what the original says, weight by weight as its file will have them. It keeps its size.',
    minutesLabel: 'Minutes',
    /** @param {number} minutes */
    minutes: (minutes) => (minutes === 1 ? '1 minute' : `${whole.format(minutes)} minutes`),
    text: 'Text to learn from, in the language that is translated, a sentence a line (.txt)',
    textOurs:
      'Now: 2,092 sentences that we wrote. Some thousand lines of the kind that will be translated serve better. Part of the text is held out, to judge by.',
    /** @param {string} name @param {number} lines */
    textNow: (name, lines) => `Now: ${name}, ${lines === 1 ? 'one line' : `${whole.format(lines)} lines`}.`,
    /** @param {string} name */
    unreadable: (name) => `${name} can’t be read. Has it been moved or changed? What was chosen before stays.`,
    cost: 'It runs here, on one core of your device, and takes about 0.7 GB of memory. The first time a module of 0.9 MB is fetched. Nothing you chose leaves this page.',
    start: 'Let it learn',
    noModel: 'Run a recipe or turn a dial first: a smaller model is what learns.',
    progressLabel: 'Time of the training',
    pause: 'Pause',
    resume: 'Go on',
    stop: 'Stop and keep the best',
    discard: 'Discard',
    phases: {
      /** @param {string} name */
      preparing: (name) => `${name}: getting ready, and judging the model as it is…`,
      /** @param {string} name */
      learning: (name) => `${name}: learning…`,
      /** @param {string} name */
      judging: (name) => `${name}: judging it on the lines held out…`,
      /** @param {string} name */
      paused: (name) => `${name}: paused. Nothing is lost; it goes on where it was.`,
      /** @param {string} name */
      stopping: (name) => `${name}: finishing the step, and judging it once more…`,
    },
    /** @param {{ done: number, step: number, loss?: number, judgement?: { chrf: number, first: number } }} progress */
    figures: ({ done, step, loss, judgement }) =>
      [
        `${wholePercent.format(done)} of the time`,
        step === 1 ? '1 step' : `${whole.format(step)} steps`,
        ...(loss === undefined ? [] : [`loss ${decimal.format(loss)}`]),
        ...(judgement
          ? [`chrF on the lines held out ${tenths.format(judgement.chrf)}, at first ${tenths.format(judgement.first)}`]
          : []),
      ].join(' · '),
    loss: { title: 'Loss: how far it is from what the original says', value: (/** @type {number} */ loss) => decimal.format(loss) },
    chrf: {
      title: 'chrF against the original, on the lines held out',
      value: (/** @type {number} */ chrf) => tenths.format(chrf),
    },
    /** @param {number} first @param {number} last */
    lossLabel: (first, last) => `The loss over time: ${decimal.format(first)} at first, ${decimal.format(last)} now.`,
    /** @param {number} first @param {number} last */
    chrfLabel: (first, last) =>
      `chrF on the lines held out, over time: ${tenths.format(first)} at first, ${tenths.format(last)} now.`,
    begun: 'The model learns.',
    paused: 'The training is paused.',
    /** @param {{ chrf: number, first: number }} judgement */
    judged: ({ chrf, first }) => `Judged: chrF ${tenths.format(chrf)}, ${changed(chrf - first)} since the beginning.`,
    outcomes: {
      /** @param {number} steps @param {number} before @param {number} after */
      better: (steps, before, after) =>
        `It has learned: on the lines held out, chrF rose from ${tenths.format(before)} to ${tenths.format(after)} in ${steps === 1 ? 'one step' : `${whole.format(steps)} steps`}. The healed model stands on the chart, and can be downloaded below while it translates. Learning once more goes on from it.`,
      /** @param {number} steps */
      same: (steps) =>
        `It was not better than before on the lines held out, after ${steps === 1 ? 'one step' : `${whole.format(steps)} steps`}. The model stays as it was. More minutes, or more text, may help.`,
      discarded: () => 'Discarded. The model stays as it was.',
    },
    /** @param {string} reason @param {number} steps @param {number} before @param {number} after */
    brokenKept: (reason, steps, before, after) =>
      `${reason} The best of ${steps === 1 ? 'one step' : `${whole.format(steps)} steps`} is kept: chrF ${tenths.format(after)} on the lines held out, ${tenths.format(before)} at first. It stands on the chart. Your text is safe.`,
    /** @param {string} reason */
    broken: (reason) =>
      `${reason} The model stays as it was, and your text is safe. If memory was short, close other tabs or programs and try again.`,
    use: 'Translate with the healed model',
  },

  search: {
    about:
      'Finds out which parts of the model need their bits and which do not, and breeds recipes that lose least at each size up to yours. Text of ours, or your calibration text, shows how far a candidate is from the original.',
    budget: 'Largest download, MB',
    /** @param {number | undefined} bytes */
    budgetHelp: (bytes) =>
      bytes === undefined
        ? 'Recipes from three quarters of this size up to it are looked for.'
        : `The model as it is: ${mb(bytes)} MB. Recipes from three quarters of this size up to it are looked for.`,
    budgetWrong: 'Write how many MB a user may have to download, such as 7.5.',
    evaluations: 'How thoroughly',
    evaluationsHelp: 'The fewest take some minutes, the most up to an hour. You can stop at any time.',
    /** @param {number} count */
    count: (count) => `${whole.format(count)} candidates`,
    structure: 'Let the network change, too',
    structureHelp:
      'Layers, neurons and pieces of the vocabulary may go. That takes two to four times as long and more memory; without it, only bits are looked for.',
    noModel: 'First the model has to be here: translate something above.',
    start: 'Search',
    stop: 'Stop and keep what was found',
    running: 'Progress of the search',
    preparing: 'The model translates some text, to be compared with…',
    /** @param {number} done @param {number} all */
    choices: (done, all) => `What single parts need: ${whole.format(done)} of ${whole.format(all)} measured.`,
    /** @param {number} done @param {number} all */
    candidates: (done, all) => `Candidates: ${whole.format(done)} of ${whole.format(all)} measured.`,
    /** @param {number} seconds */
    left: (seconds) => (seconds < 50 ? 'Less than a minute left.' : `About ${plural(Math.round(seconds / 60), 'one minute', 'minutes')} left.`),
    /** @param {string} message */
    failed: (message) => `The search failed: ${message}`,
    started: 'The search has begun.',
    /** @param {number} points @param {number} front */
    ended: (points, front) =>
      `The search has ended: ${plural(points, 'one candidate', 'candidates')}, ${whole.format(front)} of them the best at their size.`,
    /** @param {number} points @param {number} front */
    label: (points, front) =>
      `Download size and distance from the original of ${plural(points, 'one candidate', 'candidates')}; ${whole.format(front)} of them are joined, which no other is smaller and nearer than. They stand in the table below.`,
    empty: 'Each candidate appears here as soon as it is measured.',
    waiting: 'The first candidate appears here once it is known what single parts need.',
    up: 'Distance, nats a token: less is better',
    budgetLine: 'yours',
    /** @param {number} value */
    nats: (value) => nats.format(value),
    note:
      'The distance is how much the expectations of what comes next differ (Kullback–Leibler divergence), measured on text that had no part in making the candidate. It is no chrF: that is measured when you try a recipe, which then stands in the chart of size and quality.',
    front: 'The best at each size',
    /** @param {boolean} whole */
    frontAbout: (whole) =>
      `${whole ? '' : 'The search did not come to its end; this is what it had found. '}Sizes are right to about a thousandth before a recipe is tried, and what a recipe really gives stands beside it afterwards.`,
    frontEmpty: 'No candidate is between three quarters of your size and all of it yet.',
    /** @param {number} bytes */
    size: (bytes) => `${megabytes2.format(bytes / 1e6)} MB`,
    try: 'Try it',
    /** @param {string} size */
    tryThis: (size) => `Try it: ${size}`,
    beingMade: 'being made',
    columns: { size: 'About', divergence: 'Distance', measured: 'Measured', action: 'Try it' },
  },

  map: {
    label: 'The matrices of the model, from input to output. Arrow keys go from one to the next.',
    measureLabel: 'Colour by',
    measures: {
      bits: 'Bits a weight',
      error: 'Relative error',
      zeros: 'New zeros',
    },
    explain: {
      bits: 'What a weight takes in the file, on average.',
      error: 'How far the weights are from the original’s, as a share of their size.',
      zeros: 'The share of weights that became zero.',
    },
    needsReport:
      'Error and zeros compare with the original: they are there once a recipe has been applied.',
    /** The values of a colour, of which either end may be open. @param {number | undefined} from @param {number | undefined} to */
    bitsRange: (from, to) =>
      from === undefined
        ? `up to ${tenth.format(to ?? 0)}`
        : to === undefined
          ? `over ${tenth.format(from)}`
          : `to ${tenth.format(to)}`,
    /** @param {number | undefined} from @param {number | undefined} to */
    shareRange: (from, to) =>
      from === undefined
        ? 'none'
        : to === undefined
          ? `over ${shareOf(from)}`
          : `to ${shareOf(to)}`,
    unknown: 'no figure',
    stacks: {
      input: 'Input',
      encoder: 'Encoder',
      decoder: 'Decoder',
      output: 'Output',
      files: 'Text',
    },
    /** @param {'encoder' | 'decoder'} stack @param {number} number from 1 */
    layer: (stack, number) =>
      stack === 'encoder'
        ? `Encoder layer ${whole.format(number)}`
        : `Decoder layer ${whole.format(number)}`,
    dropped: 'taken out',
    /** Heads of the parts of a layer: short, since they stand over narrow columns. */
    blocks: {
      attention: 'Attention',
      cross: 'Attention',
      ssru: 'Recurrence',
      ffn: 'Feed-forward',
      vectors: 'Vectors',
    },
    /** Short heads of columns. */
    heads: {
      q: 'q',
      k: 'k',
      v: 'v',
      o: 'o',
      w1: 'in',
      w2: 'out',
      candidate: 'c',
      forget: 'f',
      vectors: 'b',
    },
    roles: {
      q: 'queries',
      k: 'keys',
      v: 'values',
      o: 'output',
      w1: 'first matrix',
      w2: 'second matrix',
      candidate: 'candidate',
      forget: 'forget gate',
      vectors: 'biases and norms',
    },
    wholes: {
      embedding: 'Embedding',
      output: 'Output bias',
      screening: 'Screening',
      vocabulary: 'Vocabulary',
      shortlist: 'Shortlist',
    },
    /** @param {string} block @param {string} role */
    part: (block, role) => `${block}, ${role}`,
    /** @param {string} place @param {string} part */
    name: (place, part) => `${place}: ${part}`,
    /** @param {string} name @param {string} value */
    cell: (name, value) => `${name}, ${value}`,
    values: {
      /** @param {number} bits */
      bits: (bits) => `${tenth.format(bits)} bits a weight`,
      /** @param {number} error */
      error: (error) => `${shareOf(error)} relative error`,
      /** @param {number} zeros */
      zeros: (zeros) => `${shareOf(zeros)} new zeros`,
    },
    short: {
      /** @param {number} bits */
      bits: (bits) => tenth.format(bits),
      /** @param {number} error */
      error: (error) => shareOf(error),
      /** @param {number} zeros */
      zeros: (zeros) => shareOf(zeros),
    },
    /** @param {number} bytes */
    bytes: (bytes) =>
      bytes < 1e5
        ? `${tenth.format(bytes / 1e3)} kB`
        : `${mb(bytes)} MB`,
    choose: 'Choose a cell to see what is in it.',
    details: 'Details',
    /** @param {string} name */
    shown: (name) => `${name}: details are shown.`,
    packageName: 'Name in the file',
    nameBefore: 'Name in the original',
    shape: 'Shape',
    /** @param {number[]} sizes */
    sizes: (sizes) => sizes.map((size) => whole.format(size)).join(' × '),
    weights: 'Weights',
    /** @param {number} count */
    count: (count) => whole.format(count),
    codec: 'Held as',
    size: 'Size',
    /** @param {string} before @param {string} after */
    change: (before, after) => `${before} before, ${after} now`,
    /** The codecs of a package, with their parameters. @type {Record<string, (tensor: Record<string, unknown>) => string>} */
    codecs: {
      f32: () => '32-bit floats',
      f16: () => '16-bit floats',
      int8: () => '8-bit codes with one scale',
      int: ({ bits }) => `${tenth.format(Number(bits))}-bit codes with scales`,
      entropy: () => 'codes as short as they are frequent',
      sparse: () => 'a bit for each weight, and those that are not zero',
      codebook: ({ dimension }) => `one code for ${whole.format(Number(dimension))} weights`,
      low_rank: ({ rank }) => `two thin matrices of rank ${whole.format(Number(rank))}`,
      file: () => 'a file',
    },
    distortion: 'What changed',
    /** @param {number} error */
    errorSentence: (error) =>
      error === 0
        ? 'The weights are the same as before.'
        : `Relative error ${shareOf(error)}: so large is the change, compared with the weights themselves.`,
    /** @param {number} db */
    noiseSentence: (db) =>
      `Signal-to-noise ratio ${tenth.format(db)} dB: the same, as sound is measured. 6 dB more halve the error.`,
    /** @param {number} exact @param {number} weights */
    exactSentence: (exact, weights) =>
      exact === 0
        ? 'No weight kept its exact value.'
        : `${whole.format(exact)} of ${whole.format(weights)} weights kept their exact value.`,
    /** @param {number} flushed @param {number} weights */
    zerosSentence: (flushed, weights) =>
      flushed === 0
        ? 'No weight became zero.'
        : `${whole.format(flushed)} weights became zero (${shareOf(flushed / weights)}).`,
    /** @param {number} flips */
    flipsSentence: (flips) =>
      flips === 0
        ? 'No weight changed its sign.'
        : `${plural(flips, 'One weight', 'weights')} changed ${flips === 1 ? 'its' : 'their'} sign: these now pull the other way.`,
    reshaped: 'It has another shape than before, so that its weights can’t be compared one by one.',
    nothingToCompare: 'This model was opened as it is: there is none to compare it with.',
    vectorsSentence: 'Biases and norms are few, so they are gathered in one cell.',
    /** Of what stands beside the layers. @type {Record<string, string>} */
    besideSentences: {
      output: 'One number for each piece of the vocabulary.',
      screening: 'Two small maps choose the pieces of which exact scores are computed.',
    },
    fileSentence: 'This is no matrix. It comes with the model, and it counts for the download.',
    histogram: 'How the weights are spread',
    histogramLoading: 'Counting the weights…',
    /** @param {string} message */
    histogramFailed: (message) => `The weights could not be counted. ${message}`,
    retry: 'Try again',
    /** @param {number} min @param {number} max @param {number} most */
    histogramLabel: (min, max, most) =>
      `Bars for values from ${decimalOf(min)} to ${decimalOf(max)}; the tallest stands for ${whole.format(most)} weights.`,
    /** @param {number} value */
    weight: (value) => decimalOf(value),
    /** @param {number} zeros @param {number} weights */
    histogramZeros: (zeros, weights) =>
      zeros === 0
        ? 'No weight is exactly zero.'
        : `${whole.format(zeros)} of ${whole.format(weights)} weights are exactly zero (${shareOf(zeros / weights)}). The bars leave them out.`,
  },

  changed: {
    none: 'Once a compressed model has translated the test sentences, those that changed most appear here.',
    /** @param {number} changed @param {number} total */
    summary: (changed, total) =>
      changed === 0
        ? `None of ${whole.format(total)} sentences changed.`
        : `${whole.format(changed)} of ${whole.format(total)} sentences changed. Those that changed most come first.`,
    /** @param {number} changed @param {number} total */
    words: (changed, total) =>
      changed > total
        ? plural(changed, 'One word changed', 'words changed')
        : `${whole.format(changed)} of ${plural(total, '1 word', 'words')} changed`,
    source: 'Source',
    reference: 'Reference',
    original: 'Original',
    compressed: 'Compressed',
    empty: 'no translation',
    /** @param {number} next @param {number} left */
    more: (next, left) =>
      next === left
        ? `Show the last ${whole.format(next)}`
        : `Show ${whole.format(next)} more of ${whole.format(left)}`,
  },

  methods: {
    quantize: {
      name: 'Fewer bits',
      does: 'Each weight is rounded to one of a few values, so that it takes 2 to 8 bits.',
      gives:
        'The download shrinks with every bit: 5 bits cost less than one point of chrF in our tests, 3 bits several. One scale a row and short codes keep the fast 8-bit products; groups of weights are unpacked to floats and lose that speed.',
      fields: {
        bits: {
          label: 'Bits a weight',
          options: {
            2: { label: '2 bits', help: 'Four values. Most models forget their language here.' },
            3: { label: '3 bits', help: 'Eight values. Words begin to break.' },
            4: { label: '4 bits', help: '16 values. About half of what the 8-bit original takes.' },
            5: { label: '5 bits', help: '32 values.' },
            6: { label: '6 bits', help: '64 values. Hardly a word changes.' },
            7: { label: '7 bits', help: '128 values.' },
            8: { label: '8 bits', help: 'About what the models come with.' },
            16: {
              label: '16 bits, half floats',
              help: 'Larger than the 8-bit original, and no better.',
            },
            32: {
              label: '32 bits, single floats',
              help: 'Four times the 8-bit original, and no better.',
            },
          },
        },
        average: {
          label: 'Bits a weight, on average',
          help: 'From 1 to 7, and it may be a fraction: 3.28.',
        },
        storage: {
          label: 'Scales',
          options: {
            groups: {
              label: 'One for each group of weights',
              help: 'Follows the weights closely. They are unpacked to floats where they run.',
            },
            row: {
              label: 'One for each row',
              help: 'Products stay in 8-bit integers, which is several times faster.',
            },
            entropy: {
              label: 'One grid, short codes for frequent values',
              help: 'Loses least for its bytes, and products stay in 8-bit integers.',
            },
          },
        },
        group_size: {
          label: 'Weights a group',
          help: 'Fewer are more exact and take more bytes for scales.',
        },
        rounding: {
          label: 'Rounding',
          options: {
            nearest: {
              label: 'To the nearest value',
              help: 'Quick. The largest weight decides the scale.',
            },
            mse: {
              label: 'To the nearest, with the best scale',
              help: 'The scale of least squared error may cut the largest weights off.',
            },
            gptq: {
              label: 'GPTQ',
              help: 'Each column makes up for the errors of those before it. Looks at text.',
            },
          },
        },
      },
    },
    prune: {
      name: 'Fewer weights',
      does: 'The weights that matter least become zero.',
      gives:
        'Zeros pack well, so the download shrinks; the speed is the same. At 30% OBS cost 0.8 points of chrF in our tests, where removing the smallest weights cost 7 and more.',
      fields: {
        criterion: {
          label: 'Which weights go',
          options: {
            magnitude: { label: 'The smallest', help: 'Quick, and looks at no text.' },
            wanda: {
              label: 'Wanda: small for small inputs',
              help: 'A weight counts as much as what it is multiplied with, row by row.',
            },
            obd: {
              label: 'OBD: least error, each by itself',
              help: 'Like Wanda, but compared with more than its row.',
            },
            obs: {
              label: 'OBS: least error, others make up',
              help: 'The weights that are left make up for those that go.',
            },
          },
        },
        amount: {
          label: 'How many',
          options: {
            sparsity: { label: 'A share of them' },
            pattern: {
              label: 'Two of each four neighbours',
              help: 'A regular pattern that some hardware likes; half of all weights.',
            },
          },
        },
        sparsity: { label: 'Share that goes' },
        scope: {
          label: 'Compared with',
          options: {
            blind: { label: 'All weights', help: 'Some matrices lose more than others.' },
            uniform: { label: 'Those of its matrix', help: 'Every matrix loses the same share.' },
            distribution: {
              label: 'All, by the spread of its matrix',
              help: 'A weight is small if it is small for its matrix.',
            },
          },
        },
        coding: {
          label: 'In the file',
          options: {
            dense: { label: 'With its zeros', help: 'gzip packs them.' },
            sparse: {
              label: 'Without zeros',
              help: 'One bit a weight says where they are. Smaller for pruned 8-bit weights.',
            },
          },
        },
      },
    },
    prune_neurons: {
      name: 'Fewer neurons',
      does: 'Whole neurons of the feed-forward layers go, with their row of one matrix and their column of the next.',
      gives:
        'The model is smaller and has less to multiply. It was not trained for this: an eighth cost 0.7 points of chrF in our tests, and what goes further costs quickly more.',
      fields: {
        share: { label: 'Share that goes, of each layer' },
        criterion: {
          label: 'Which neurons go',
          options: {
            magnitude: { label: 'Those of least weights', help: 'Looks at no text.' },
            activation: {
              label: 'Those that are missed least',
              help: 'Asks what the layer puts out without them.',
            },
            merge: {
              label: 'Those most like another',
              help: 'The other one then gives what both gave. Looks at no text.',
            },
            correlation: {
              label: 'Those that another one tells',
              help: 'Outputs that go together are one neuron’s work.',
            },
          },
        },
        refit: {
          label: 'Let the others make up for them',
          help: 'By least squares, on the calibration text.',
        },
      },
    },
    prune_heads: {
      name: 'Fewer attention heads',
      does: 'Whole attention heads go, with their part of four matrices.',
      gives:
        'The model is smaller and has less to multiply. One head of eight cost 0.5 points of chrF in our tests, two cost 2.',
      fields: {
        amount: {
          label: 'How many',
          options: {
            heads: { label: 'A number, of each layer' },
            share: { label: 'A share, of each layer' },
          },
        },
        heads: { label: 'Heads that go' },
        share: { label: 'Share that goes' },
        criterion: {
          label: 'Which heads go',
          options: {
            magnitude: { label: 'Those of least weights', help: 'Looks at no text.' },
            activation: {
              label: 'Those that give least',
              help: 'Measured on the calibration text.',
            },
          },
        },
        refit: {
          label: 'Let the others make up for them',
          help: 'By least squares, on the calibration text.',
        },
      },
    },
    drop_layers: {
      name: 'Fewer layers',
      does: 'Whole layers go, and those behind them move up.',
      gives:
        'Every layer that goes takes its bytes and its products with it. It is a coarse knife: without the cheapest encoder layer 8 points of chrF were lost in our tests.',
      fields: {
        encoder_how: {
          label: 'Encoder',
          options: {
            none: { label: 'Keeps all layers' },
            count: {
              label: 'Loses the cheapest',
              help: 'One after the other, always the one without which translations change least.',
            },
            list: { label: 'Loses these layers' },
          },
        },
        encoder: { label: 'How many, of the encoder' },
        encoder_list: {
          label: 'Layers of the encoder',
          help: 'Counted from 0, with commas: 1, 3.',
        },
        decoder_how: {
          label: 'Decoder',
          options: {
            none: { label: 'Keeps all layers' },
            count: {
              label: 'Loses the cheapest',
              help: 'One after the other, always the one without which translations change least.',
            },
            list: { label: 'Loses these layers' },
          },
        },
        decoder: { label: 'How many, of the decoder' },
        decoder_list: { label: 'Layers of the decoder', help: 'Counted from 0, with commas: 1.' },
      },
    },
    low_rank: {
      name: 'Low rank',
      does: 'One matrix becomes the product of two thin ones.',
      gives:
        'They save bytes if they are thin enough, or if a step after this one rounds them. They run in floats, so the speed of 8-bit integers is lost.',
      fields: {
        amount: {
          label: 'How thin',
          options: {
            rank: { label: 'To a rank' },
            energy: { label: 'By what they keep' },
            size: { label: 'By what they weigh' },
          },
        },
        rank: {
          label: 'Rank',
          help: 'Columns of the first matrix. At least a sixteenth of the shorter side.',
        },
        energy: {
          label: 'Part that is kept',
          help: 'Of the squared singular values, from 0.01 to 1.',
        },
        size: {
          label: 'Part of the bytes',
          help: 'Of those that the matrix takes now; in half floats, from 0.01 to 1.',
        },
        whiten: {
          label: 'Keep what matters for text',
          help: 'Least error of what the layer puts out, and not of its weights.',
        },
      },
    },
    codebook: {
      name: 'Codebook',
      does: 'Neighbouring weights share a code from a small book of typical patterns.',
      gives:
        '256 codes for pairs are 4 bits a weight and cost about half a point of chrF in our tests. Weights are unpacked to floats where they run, so the speed of 8-bit integers is lost.',
      fields: {
        dimension: {
          label: 'Weights a code',
          help: '1 to 16. Pairs are exact enough, four are few bytes.',
        },
        codes: { label: 'Codes in the book', help: '2 to 256.' },
        books: {
          label: 'Books',
          options: {
            matrix: { label: 'One for the matrix' },
            columns: {
              label: 'One for each run of columns',
              help: 'Product quantisation: more exact, and more books to keep.',
            },
          },
        },
        rounding: {
          label: 'Which code',
          options: {
            nearest: { label: 'The nearest', help: 'Looks at no text.' },
            weighted: {
              label: 'The nearest for the inputs',
              help: 'A weight counts as much as what it is multiplied with.',
            },
            gptq: {
              label: 'GPTVQ',
              help: 'Each column makes up for the errors of those before it.',
            },
          },
        },
        seed: {
          label: 'Seed',
          help: 'Where the random numbers begin that choose the first codes.',
        },
      },
    },
    trim_vocabulary: {
      name: 'Fewer word pieces',
      does: 'Rare word pieces go, and everything that belongs to them.',
      gives:
        'The embedding, half of the model, gets shorter. Words are then spelt with smaller pieces, which costs more than it seems: 28,000 of 32,000 pieces cost 1.1 points of chrF in our tests.',
      fields: {
        keep: {
          label: 'Pieces that stay',
          help: 'Those of the calibration text stay in any case.',
        },
      },
    },
    screen: {
      name: 'No word list',
      does: 'A small map finds the words that may come next, in place of a long list that comes with the model.',
      gives:
        'The download loses that list, about 1.5 MB, and translations hardly change. On the CPU they take about a fifth longer.',
      fields: {
        rank: { label: 'Rank', help: 'Numbers that a word piece is mapped to.' },
        candidates: { label: 'Candidates', help: 'Pieces that are then computed exactly, about.' },
      },
    },
  },
};

/** @typedef {typeof texts & typeof laboratory} Texts */
