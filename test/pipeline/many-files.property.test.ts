import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';

const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 6);

/** A row by its columns; a column that its file does not have is null. */
type Row = Readonly<Record<string, string | null>>;
interface DrawnFile {
  readonly name: string;
  readonly format: 'csv' | 'jsonl';
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const value = fc.oneof(
  fc.constant(null),
  fc.constantFrom('a', 'b;c', 'ç"x', "it's", '007', 'x y', 'n/a'),
  fc.integer({ min: 0, max: 9 }).map((digit) => `v${digit}`),
);
/** Folder values: with signs that names of folders cannot hold, and none at all. */
const FOLDERS = [
  { folder: 'dt=2024-01-01', dt: '2024-01-01' },
  { folder: 'dt=a%3Ab%2Fc', dt: 'a:b/c' },
  { folder: 'dt=50%25 é', dt: '50% é' },
  { folder: 'dt=__HIVE_DEFAULT_PARTITION__', dt: null },
];

const FORMATS = ['csv', 'jsonl'] as const;

/** Up to six files with ids of their own, each with some of three columns, in folders or not. */
function drawnState(format: 'csv' | 'jsonl', hive: boolean): fc.Arbitrary<DrawnFile[]> {
  const file = fc.record({
    columns: fc.uniqueArray(fc.constantFrom('b', 'c', 'd'), { maxLength: 3 }),
    cells: fc.array(fc.tuple(value, value, value), { maxLength: 4 }),
    folder: fc.constantFrom(...FOLDERS),
  });
  return fc.array(file, { minLength: 1, maxLength: 6 }).map((files) => {
    let id = 0;
    return files.map(({ columns, cells, folder }, index): DrawnFile => {
      const names = ['b', 'c', 'd'];
      const rows = cells.map((cell): Row => {
        id += 1;
        const own = columns.map((name) => [name, cell[names.indexOf(name)] ?? null] as const);
        return {
          id: `k${id}`,
          b: null,
          c: null,
          d: null,
          ...Object.fromEntries(own),
          ...(hive ? { dt: folder.dt } : {}),
        };
      });
      const place = hive ? `${folder.folder}/p${index}` : `sub/p${index}`;
      return { name: `${place}.${format}`, format, columns: ['id', ...columns], rows };
    });
  });
}

function contentOf({ format, columns, rows }: DrawnFile): string {
  const quoted = (text: string | null | undefined): string =>
    text == null ? '' : `"${text.replaceAll('"', '""')}"`;
  if (format === 'csv') {
    const lines = rows.map((row) => columns.map((name) => quoted(row[name])).join(','));
    return `${[columns.join(','), ...lines].join('\n')}\n`;
  }
  // A line without a row would say which members there are; a file without lines is none.
  return rows
    .map((row) => `${JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name]])))}\n`)
    .join('');
}

// oxlint-disable-next-line vitest/expect-expect -- what is expected stands in walk()
test(
  'a table is the rows of all its files, by name of column, whatever files come, go and change',
  async () => {
    const story = fc.constantFrom(...FORMATS).chain((format) =>
      fc.boolean().chain((hive) =>
        fc.record({
          hive: fc.constant(hive),
          format: fc.constant(format),
          states: fc.array(drawnState(format, hive), { minLength: 2, maxLength: 4 }),
        }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(story, async ({ hive, format, states }) => {
        const folder = await mkdtemp(join(tmpdir(), 'igarape-many-'));
        try {
          await walk(folder, hive, format, states);
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
  },
  60_000 + RUNS * 20_000,
);

async function walk(
  folder: string,
  hive: boolean,
  format: string,
  states: readonly (readonly DrawnFile[])[],
): Promise<void> {
  const lake = openScenario(folder, {
    tables: [{ name: 't', pk: 'id', file: `*/p*.${format}`, max_delete_ratio: 1 }],
  });
  let written: string[] = [];
  for (const files of states) {
    // An empty file of JSON lines is refused as such.
    const kept = files.filter(({ rows }) => format === 'csv' || rows.length > 0);
    if (kept.length === 0) continue;
    for (const name of written.filter((before) => !kept.some((file) => file.name === before)))
      await lake.remove(name);
    for (const file of kept) await lake.write(file.name, contentOf(file));
    written = kept.map(({ name }) => name);
    const { exitCode } = await lake.run({ approve: ['t'] });
    expect(exitCode).toBe(0);
    await expectRows(
      lake,
      kept.flatMap(({ rows }) => rows),
      hive,
    );
    expect((await lake.run()).report.run, 'nothing changed since').toBeNull();
  }
  const verified = written.length === 0 ? undefined : await lake.verify();
  expect(verified?.tables['t']?.problems ?? []).toEqual([]);
}

async function expectRows(lake: Scenario, rows: readonly Row[], hive: boolean): Promise<void> {
  const found = await lake.query('SELECT COLUMNS(*)::VARCHAR FROM t ORDER BY id');
  const names = ['id', 'b', 'c', 'd', ...(hive ? ['dt'] : [])];
  const plain = (row: Record<string, unknown>): string =>
    JSON.stringify(names.map((name) => row[name] ?? null));
  expect(found.map(plain)).toEqual(
    rows.toSorted((a, b) => ((a['id'] ?? '') < (b['id'] ?? '') ? -1 : 1)).map(plain),
  );
}
