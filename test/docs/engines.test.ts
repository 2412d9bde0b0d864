import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateEngineDocs } from '../../scripts/generate-engine-docs.ts';

test.each(Object.entries(generateEngineDocs()))('%s has the allow-list of the code', (path, text) => {
  const stored = readFileSync(join(import.meta.dirname, '../..', path), 'utf8');
  expect(stored, 'run `npx tsx scripts/generate-engine-docs.ts`').toBe(text);
});
