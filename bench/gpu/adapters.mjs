// Which graphics adapter Chromium gets: the machine's own, or SwiftShader, which computes on the
// processor and only shows that everything works and how two engines compare.

import { UsageError } from '../errors.mjs';

/** @typedef {{ name: string, isSoftware: boolean }} Adapter */

/** Chromium's flags. Everywhere but on Linux the first are without effect: WebGPU is on there. */
export const FLAGS = {
  hardware: ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist'],
  software: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
};

/**
 * @param {import('../main.mjs').Context} context
 * @returns {Promise<{ adapter: Adapter, flags: string[] }>}
 */
export async function chooseAdapter(context) {
  const asked = context.options.adapter;
  for (const kind of asked === 'auto' ? ['hardware', 'software'] : [asked]) {
    const flags = FLAGS[kind];
    /** @type {Adapter | undefined} */
    const adapter = await context.graphics(flags, (visit) => visit.call('adapter'));
    // Without a graphics processor Chromium may offer a substitute of its own, or none.
    if (adapter && (kind === 'software' || !adapter.isSoftware)) return { adapter, flags };
  }
  throw new UsageError(`Chromium has no ${asked === 'hardware' ? 'hardware ' : ''}graphics adapter here`);
}
