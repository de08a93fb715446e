// Starts the workers of the package. A browser starts a worker only from the page's own origin: where the
// package stands elsewhere, such as on a CDN, the worker is a small script that imports it, made on the
// spot, or one of the page's own where its content security policy allows no other.

import { failure } from './errors.js';
import { serve } from './serve.js';
import { absolute } from './url.js';

/**
 * @typedef {object} WorkerOption
 * @property {URL | string} [workerURL] a module script on the page's own origin of one line:
 *   `import('…/any-worker.js');` with the address of that file of this package. Needed only where the
 *   package comes from another origin and the page's content security policy does not let it start workers
 *   from `blob:`. Said once, it counts for every worker that is started from then on
 */

/**
 * How a worker was started.
 * @typedef {object} Start
 * @property {string} script of the package
 * @property {string} address of what was started
 * @property {boolean} isMade whether that was made on the spot
 * @property {boolean} refused the page's content security policy did not allow it
 */

/** The page's own script for all workers. @type {string | undefined} */
let ownScript;

/** @type {WeakMap<Worker, Start>} */
const starts = new WeakMap();

/** What a violation of the policy may come after the worker's failure. */
const VIOLATION_MS = 50;

/** @param {WorkerOption} options of which the other keys do not matter */
export function useWorkerURL({ workerURL }) {
  if (workerURL === undefined) return;
  const url = absolute(workerURL, 'workerURL');
  if (!isOwn(new URL(url))) {
    throw new TypeError(
      `workerURL: "${url}" must be on the page's own origin, ${origin}: browsers start workers from nowhere else.`,
    );
  }
  ownScript = url;
}

// Each is written out in the form in which bundlers find workers, without a variable.

export function startTranslation() {
  return withHelpers(
    start(() => new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'pocketglot' })),
  );
}

export function startLaboratory() {
  return withHelpers(
    start(
      () => new Worker(new URL('./lab.worker.js', import.meta.url), { type: 'module', name: 'pocketglot laboratory' }),
    ),
  );
}

export function startTraining() {
  return start(
    () => new Worker(new URL('./train.worker.js', import.meta.url), { type: 'module', name: 'pocketglot training' }),
  );
}

function startGunzip() {
  return start(
    () => new Worker(new URL('./gunzip.js', import.meta.url), { type: 'module', name: 'pocketglot gunzip' }),
  );
}

function startThread() {
  return start(
    () => new Worker(new URL('./thread.js', import.meta.url), { type: 'module', name: 'pocketglot thread' }),
  );
}

/** @param {Worker} worker */
function withHelpers(worker) {
  serve(worker, ({ what }) => (what === 'thread' ? startThread() : startGunzip()));
  return worker;
}

/**
 * @param {() => Worker} create
 * @throws NotAllowedError: the browser refuses it at once
 */
function start(create) {
  const { url, options } = read(create);
  const isMade = ownScript === undefined && !isOwn(url);
  const address = ownScript ?? (isMade ? make(url, options) : url.href);
  /** @type {Start} */
  const begun = { script: url.href, address, isMade, refused: false };
  const over = observe(begun);
  let worker;
  try {
    worker = address === url.href ? create() : new Worker(address, options);
  } catch (error) {
    over();
    throw error instanceof DOMException && error.name === 'SecurityError' ? refusal(begun) : error;
  }
  starts.set(worker, begun);
  if (ownScript !== undefined) waitForWorker(worker);
  worker.addEventListener('message', over, { once: true });
  worker.addEventListener('error', () => setTimeout(over, VIOLATION_MS), { once: true });
  return worker;
}

/**
 * The address that a bundler, or nobody, has put into the form above, without starting anything.
 * @param {() => Worker} create
 * @returns {{ url: URL, options: WorkerOptions }}
 */
function read(create) {
  const { Worker } = globalThis;
  /** @type {{ url: URL, options: WorkerOptions } | undefined} */
  let found;
  globalThis.Worker = /** @type {any} */ (
    class {
      /** @param {URL | string} url @param {WorkerOptions} [options] */
      constructor(url, options = {}) {
        found = { url: new URL(url, globalThis.location?.href), options };
      }
    }
  );
  try {
    create();
  } finally {
    globalThis.Worker = Worker;
  }
  if (!found) throw new TypeError('No worker was to be started.');
  return found;
}

/** Whether a worker may be started from there. @param {URL} url */
function isOwn({ protocol, host, origin }) {
  if (['blob:', 'data:', 'file:'].includes(protocol) || origin === globalThis.origin) return true;
  // Where a scheme is unknown to the parser of URLs, as an extension's may be, it sees no origin.
  return protocol === location.protocol && host === location.host;
}

/**
 * Until any-worker.js is there, which says so, nobody would hear what is said to it.
 * @param {Worker} worker
 */
function waitForWorker(worker) {
  const post = worker.postMessage;
  /** @type {any[][]} */
  const early = [];
  worker.postMessage = (/** @type {any[]} */ ...message) => void early.push(message);
  const begin = (/** @type {MessageEvent} */ event) => {
    event.stopImmediatePropagation();
    worker.postMessage = post;
    for (const message of early) Reflect.apply(post, worker, message);
  };
  worker.addEventListener('message', begin, { once: true });
}

/**
 * What is said early waits for the imported script. It is imported while the worker runs: Chromium wants
 * what is imported at its start to be allowed by "worker-src", and not by "script-src" alone.
 */
const IMPORT = `
const early = [];
const hold = (event) => early.push(event);
addEventListener('message', hold);
import(URL).then(() => {
  removeEventListener('message', hold);
  early.forEach((event) => dispatchEvent(event));
}, reportError);`;

/** @param {URL} url @param {WorkerOptions} options */
function make({ href }, { type }) {
  const quoted = JSON.stringify(href);
  // Some bundlers make classic workers of modules.
  const text = type === 'module' ? IMPORT.replace('URL', () => quoted) : `importScripts(${quoted});`;
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}

/** Until the worker speaks or fails. @param {Start} begun @returns {() => void} ends it */
function observe(begun) {
  const note = (/** @type {SecurityPolicyViolationEvent} */ { blockedURI }) => {
    if (begun.isMade ? blockedURI.startsWith('blob') : blockedURI === begun.address) begun.refused = true;
  };
  globalThis.addEventListener?.('securitypolicyviolation', note);
  return () => {
    globalThis.removeEventListener?.('securitypolicyviolation', note);
    // Earlier, browsers may not have read it yet.
    if (begun.isMade) URL.revokeObjectURL(begun.address);
  };
}

/**
 * Why a worker failed that has not said a word.
 * @param {Worker} worker
 * @param {string} what it is, for people
 * @returns {Promise<Error>}
 */
export async function whyNotStarted(worker, what) {
  await new Promise((resolve) => setTimeout(resolve, VIOLATION_MS));
  const begun = /** @type {Start} */ (starts.get(worker));
  if (begun.refused) return refusal(begun);
  const { script, address, isMade } = begun;
  let message = `The ${what} could not be loaded. Is the device offline?`;
  if (isMade)
    message += ` It comes from another origin, whose server must allow that (Access-Control-Allow-Origin): ${script}`;
  else if (script !== address)
    message += ` It is started by the page's own script, which must import any-worker.js, and on an isolated page be sent with the page's Cross-Origin-Embedder-Policy: ${address}`;
  return failure('NetworkError', message);
}

/** @param {Start} begun */
function refusal({ script, address, isMade }) {
  return failure(
    'NotAllowedError',
    isMade
      ? `This page does not allow the worker that imports ${script}. Either let its content security policy allow "worker-src blob:", or name a script of the page's own with the option workerURL.`
      : `This page does not allow the worker ${address}. Let "worker-src" of its content security policy allow it.`,
  );
}
