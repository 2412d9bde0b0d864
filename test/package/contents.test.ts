import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { expect, test } from 'vitest';
import { joinedIn } from '../support/joined.ts';
import { packInto } from '../support/packed.ts';
import { useTempDir } from '../support/tmp.ts';

const ROOT = join(import.meta.dirname, '../..');
const dir = useTempDir();

const ALLOWED = [
  /^bin\/igarape\.js$/,
  /^dist\/(?:cli\/main|index|delta|parts\/[^/]+|web\/[^/]+)\.js$/,
  /^dist\/.+\.d\.ts$/,
  /^dist\/licences\.txt$/,
  /^dist\/web\/(?:index\.html|style\.css|icon\.svg)$/,
  /^docs\/.+\.md$/,
  /^examples\/.+$/,
  /^(?:package\.json|igarape\.schema\.json|README\.md|README\.pt-BR\.md|CHANGELOG\.md|LICENSE)$/,
];

test('the package holds the program, its types, its documents and examples, and nothing else', async () => {
  const { files } = await packInto(dir());
  expect(files.filter((file) => !ALLOWED.some((pattern) => pattern.test(file)))).toEqual([]);
  for (const file of [
    'bin/igarape.js',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/licences.txt',
    'igarape.schema.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'docs/setup.md',
  ]) {
    expect(files).toContain(file);
  }
});

test('every built file comes from a source file that exists', async () => {
  const { files } = await packInto(dir());
  const sources = new Set(
    readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((name) =>
      name.replaceAll('\\', '/'),
    ),
  );
  const built = files.filter((file) => file.startsWith('dist/') && !file.startsWith('dist/web/'));
  const types = built.filter((file) => file.endsWith('.d.ts'));
  expect(types.length).toBeGreaterThan(0);
  expect(
    types.filter((file) => !sources.has(file.replace(/^dist\//, '').replace(/\.d\.ts$/, '.ts'))),
  ).toEqual([]);
  const joined = built.filter((file) => file.endsWith('.js')).flatMap((file) => joinedIn(join(ROOT, file)));
  expect(joined).toContain(join(ROOT, 'src/cli/main.ts'));
  expect(joined.filter((path) => !existsSync(path))).toEqual([]);
});

test('publint finds nothing to complain about', async () => {
  const { messages } = await publint({ pkgDir: ROOT, strict: true, pack: false });
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const shown = messages.map((message) => formatMessage(message, isRecord(manifest) ? manifest : {}));
  expect(shown).toEqual([]);
});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
