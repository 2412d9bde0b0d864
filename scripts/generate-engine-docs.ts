// Writes the allow-list into docs/engines.md and its translation: npx tsx scripts/generate-engine-docs.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AGGREGATES, WINDOWS } from '../src/spark/dialect/aggregates.ts';
import { CASTS } from '../src/spark/dialect/casts.ts';
import { SCALARS } from '../src/spark/dialect/scalars.ts';
import { GROUPS } from '../src/spark/dialect/signature.ts';

const ROOT = join(import.meta.dirname, '..');
const FENCE = /^```text allow-list\n[^]*?^```$/m;

/** The pages with the allow-list that the code has: their text by their path in the repository. */
export function generateEngineDocs(): Readonly<Record<string, string>> {
  const pages = ['docs/engines.md', 'docs/engines.pt-BR.md'];
  return Object.fromEntries(
    pages.map((path) => [path, readFileSync(join(ROOT, path), 'utf8').replace(FENCE, () => fence())]),
  );
}

function fence(): string {
  const groups = Object.entries(GROUPS).map(([name, types]) => `${name} = ${types.join(' | ')}`);
  const windows = `${Object.values(WINDOWS).join(', ')}, and aggregates: OVER (…)`;
  const lines = [
    groups,
    Object.keys(SCALARS),
    Object.keys(AGGREGATES),
    [windows],
    Object.keys(CASTS).map((cast) => `CAST ${cast}`),
  ];
  return ['```text allow-list', lines.map((part) => part.join('\n')).join('\n\n'), '```'].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  for (const [path, text] of Object.entries(generateEngineDocs())) writeFileSync(join(ROOT, path), text);
