// The example for Node.js, as somebody who copies it would run it: beside the installed tarball.

import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../../scripts/files.mjs';
import { install } from './installed.mjs';

const REGISTRY = join(ROOT, 'models/registry.json');

let project;
before(async () => {
  project = await install();
  cpSync(join(ROOT, 'examples/node/translate.mjs'), join(project.folder, 'translate.mjs'));
});
after(() => project.remove());

const start = (...args) => project.start('translate.mjs', ...args);
const startHere = (...args) => start('--registry', REGISTRY, ...args);

test('its_arguments_are_translated_in_order', async () => {
  const { ended } = startHere('Good morning.', 'See you tomorrow.');
  const { status, stdout, stderr } = await ended;
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.match(stdout, /^Bom dia\.\n.*amanhã\.\n$/);
});

test('lines_are_answered_as_they_come', async () => {
  const { child, ended, wrote } = startHere('--threads', '1');
  child.stdin.write('Good morning.\n');
  await wrote(/^Bom dia\.\n$/);
  child.stdin.write('\nSee you tomorrow.\n');
  await wrote(/^Bom dia\.\n\n.*amanhã\.\n$/);
  child.stdin.end('Where is the library?');
  const { status, stdout, stderr } = await ended;
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.match(stdout, /biblioteca\?\n$/);
});

test('many_lines_keep_their_order_the_other_way_round', async () => {
  const { child, ended } = startHere('--from', 'pt', '--to', 'en');
  const numbers = Array.from({ length: 600 }, (_, i) => String(i + 1));
  child.stdin.end(numbers.map((number) => `A página ${number}.`).join('\n'));
  const { status, stdout, stderr } = await ended;
  assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
  assert.deepEqual(stdout.trimEnd().split('\n').map((line) => /\d+/.exec(line)?.[0]), numbers);
});

test('what_is_wrong_is_told_in_one_line', async () => {
  for (const [args, status, message] of [
    [['--speed', '3'], 2, /Unknown option '--speed'/],
    [['--registry', REGISTRY, '--threads', 'many', 'Hello.'], 1, /threads must be a whole number from 1/],
    [['--registry', REGISTRY, '--to', 'fi', 'Hello.'], 1, /no model from en to fi/],
    [['Hello.'], 1, /models\/registry\.json could not be read: there is no such file/],
  ]) {
    const result = await start(...args).ended;
    assert.equal(result.status, status);
    assert.match(result.stderr, message);
    assert.equal(result.stderr.trimEnd().split('\n').length, 1);
  }
});

test('it_depends_on_the_package_as_it_is_now', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'www/package/package.json'), 'utf8'));
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'examples/node/package.json'), 'utf8'));
  assert.deepEqual(dependencies, { pocketglot: version });
});
