import { join } from 'node:path';
import { expect, test } from 'vitest';
import { invocation, quotePath } from '../../src/cli/invocation.ts';

const cwd = join('/', 'work', 'shop');

test.each([
  ['a checkout', join(cwd, 'bin', 'igarape.js'), {}, `node ${join('bin', 'igarape.js')}`],
  [
    'a checkout elsewhere',
    join('/', 'my work', 'bin', 'igarape.js'),
    {},
    `node "${join('..', '..', 'my work', 'bin', 'igarape.js')}"`,
  ],
  ['a project that has it installed', join(cwd, 'node_modules', '.bin', 'igarape'), {}, 'npx igarape'],
  [
    'npx',
    join('/', 'home', '.npm', '_npx', '1', 'node_modules', '.bin', 'igarape'),
    { npm_command: 'exec' },
    'npx igarape',
  ],
  ['a global installation', join('/', 'usr', 'bin', 'igarape'), {}, 'igarape'],
  ['a global module', join('/', 'usr', 'lib', 'node_modules', 'igarape', 'bin', 'igarape.js'), {}, 'igarape'],
])('the program started from %s is called in the same way', (_from, script, env, call) => {
  expect(invocation(script, cwd, env)).toBe(call);
});

test('a path with a space is quoted', () => {
  expect(quotePath('my demo/igarape.json')).toBe('"my demo/igarape.json"');
  expect(quotePath('lake-demo/igarape.json')).toBe('lake-demo/igarape.json');
});
