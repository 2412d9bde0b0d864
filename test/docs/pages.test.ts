import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fencesOf } from './fences.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

describe.each(PAGES)('%s', (page) => {
  test('links to files and headings that exist', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    const broken = links.filter(([, path = '', heading]) => {
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(ROOT, target))) return true;
      return heading !== undefined && !anchorsOf(read(target)).has(heading);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

test.each(['configuration', 'delta', 'engines', 'lakehouse', 'ui'])(
  'docs/%s.pt-BR.md shows what the English page shows, and its test runs',
  (name) => {
    expect(fencesOf(read(`docs/${name}.pt-BR.md`))).toEqual(fencesOf(read(`docs/${name}.md`)));
  },
);

test('every key of the configuration is explained in Portuguese, too', () => {
  const keys = (page: string): string[] =>
    [...read(page).matchAll(/^\| (`[^`|]+`) \|/gm)].map(([, key = '']) => key);
  expect(keys('docs/configuration.md').length).toBeGreaterThan(40);
  expect(keys('docs/configuration.pt-BR.md')).toEqual(keys('docs/configuration.md'));
});

test.each(readdirSync(join(ROOT, 'examples/readers')).filter((name) => /\.(?:sql|py)$/.test(name)))(
  'docs/raw-layout.md shows examples/readers/%s as it is',
  (name) => {
    expect(fencesOf(read('docs/raw-layout.md')).map(({ text }) => text)).toContain(
      read(`examples/readers/${name}`),
    );
  },
);

describe.each(['docs/setup.md', 'docs/setup.pt-BR.md'])('%s', (page) => {
  test('explains every error code, with its exit code', () => {
    const codes = [...read('src/core/errors.ts').matchAll(/^ {2}([A-Z_]+): (\d+),$/gm)];
    expect(codes.length).toBeGreaterThan(20);
    const rows = [...read(page).matchAll(/^\| `([A-Z_]+)` \| (\d+) \|/gm)];
    const shown = rows.map(([, code, exit]) => `${code} ${exit}`);
    expect(shown.toSorted()).toEqual(codes.map(([, code, exit]) => `${code} ${exit}`).toSorted());
  });
});

/** Headings as GitHub makes addresses of them. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
