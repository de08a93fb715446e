// What computes, and why: for those who want to know, under the status line.

import { element, setText } from './dom.js';
import { texts } from './texts.js';

/** @typedef {import('../package/index.js').ModelInfo} ModelInfo */

const elements = {
  all: element('computing', HTMLDetailsElement),
  why: element('computing-why', HTMLParagraphElement),
  times: element('computing-times', HTMLParagraphElement),
  cpuBytes: element('cpu-bytes', HTMLElement),
  gpuRows: ['gpu-weights', 'gpu-memory'].map((id) => element(id, HTMLDivElement)),
  gpuBytes: element('gpu-bytes', HTMLElement),
  gpuMemoryBytes: element('gpu-memory-bytes', HTMLElement),
};

/** @param {ModelInfo | undefined} info undefined while there is no model */
export function renderComputing(info) {
  elements.all.hidden = info === undefined;
  if (!info) return;
  const { choice, gpu } = info;
  setText(elements.why, reason(info));
  const measured = choice?.measured;
  setText(elements.times, measured ? texts.times(measured) : '');
  setText(elements.cpuBytes, texts.bytes(info.memory_bytes));
  for (const row of elements.gpuRows) row.hidden = gpu === undefined;
  setText(elements.gpuBytes, texts.bytes(gpu?.weight_bytes ?? 0));
  setText(elements.gpuMemoryBytes, texts.bytes(gpu?.memory_bytes ?? 0));
}

/** @param {ModelInfo} info */
function reason({ choice }) {
  if (choice?.no_gpu !== undefined) return texts.noGpu(choice.no_gpu);
  if (!choice?.measured) return texts.notMeasured;
  const { short, long } = choice.measured;
  return texts.faster[isFaster(short) ? 'short' : 'notShort'][isFaster(long) ? 'long' : 'notLong'];
}

/** Whether the GPU is. @param {{ cpu_ms: number, gpu_ms?: number }} sample */
function isFaster({ cpu_ms, gpu_ms = Infinity }) {
  return gpu_ms < cpu_ms;
}
