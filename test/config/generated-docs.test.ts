import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateConfigDocs } from '../../scripts/generate-config-docs.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test.each(Object.entries(generateConfigDocs()))('%s says what the code validates', (path, text) => {
  const stored = readFileSync(join(ROOT, path), 'utf8');
  expect(stored, 'run `npx tsx scripts/generate-config-docs.ts`').toBe(text);
});

test('every key is described', () => {
  const page = generateConfigDocs()['docs/configuration.md'] ?? '';
  const undescribed = page.split('\n').filter((line) => /^\| `.*\| *\|$/.test(line));
  expect(undescribed).toEqual([]);
});
