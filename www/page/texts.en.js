// Every text of the page, in English. Another language is another file with the same keys. Elements
// of index.html with data-text="key" take theirs from here.

const megabytes = new Intl.NumberFormat('en', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const whole = new Intl.NumberFormat('en');
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

  announceDownload: 'Downloading the translation model.',
  announceReady: 'The translator is ready.',
  announceTranslated: 'Translation updated.',
  announceCleared: 'Text cleared. Undo brings it back.',
};

/** @typedef {typeof texts} Texts */
