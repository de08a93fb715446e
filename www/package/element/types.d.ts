// The events of the element, and its place among the elements of HTML.

import type { DownloadProgressEvent } from '../index.js';
import type { PocketTranslator } from '../element.js';
import type { State } from './work.js';

export interface PocketTranslatorEventMap {
  /** A text was translated. */
  translate: CustomEvent<{ source: string; translation: string }>;
  /** As of `Translator.create`. */
  downloadprogress: DownloadProgressEvent;
  statechange: CustomEvent<{ state: State }>;
  /** Does not bubble. `error` is what is shown to the user. */
  error: ErrorEvent;
}

/** With those of every element. */
interface Events extends Omit<HTMLElementEventMap, keyof PocketTranslatorEventMap>, PocketTranslatorEventMap {}

type Listener<K extends keyof Events> = (this: PocketTranslator, event: Events[K]) => unknown;

/** An element of a page: its own events are known to `addEventListener`. */
export interface PocketTranslatorElement extends PocketTranslator {
  addEventListener<K extends keyof Events>(
    type: K,
    listener: Listener<K>,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof Events>(
    type: K,
    listener: Listener<K>,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'pocket-translator': PocketTranslatorElement;
  }
}
