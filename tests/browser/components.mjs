// Components of the page alone, in the real page: bundled as the build does it, under its policy.

import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { ROOT } from '../../scripts/files.mjs';
import { SCRIPTS } from '../../scripts/page.mjs';
import { visit } from './harness.mjs';

const PATH = '/page/test-component.js';
const AXE = readFileSync(`${ROOT}/node_modules/axe-core/axe.min.js`, 'utf8');

/** A visit with all exports of these modules in `window.components`, and an empty `#component` to draw into. */
export async function visitComponents(site, modules, options = {}) {
  const contents = modules.map((path) => `export * from './${path}';`).join('\n');
  const bundle = await build({ ...SCRIPTS, stdin: { contents, resolveDir: ROOT }, write: false });
  const visitor = await visit(site, { path: null, ...options });
  await visitor.context.route(PATH, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: bundle.outputFiles[0].text }),
  );
  await visitor.page.goto('/');
  await visitor.page.evaluate(async (path) => {
    const style = document.createElement('link');
    Object.assign(style, { rel: 'stylesheet', href: 'style/laboratory.css' });
    const loaded = new Promise((resolve) => style.addEventListener('load', resolve));
    document.head.append(style);
    await loaded;
    window.components = await import(path);
    const section = '<section id="trial"><h2>Component</h2><div id="component"></div></section>';
    document.querySelector('main').insertAdjacentHTML('afterbegin', section);
  }, PATH);
  return visitor;
}

/** What axe has against the component, if anything. */
export async function violations(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run('#trial'));
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
  );
}
