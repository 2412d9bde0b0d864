import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyIndexes } from '../../../src/delta/keys/key-index.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openDisk } from '../disk.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 12);
/** Of so many, an index has two parts. */
const FILE_ROWS = 270_000;
const INDEXES = '_igarape_keys';

/** Keys of a merge; the SQL of the rows with a number is that of their source. */
const KEYS: readonly (readonly string[])[] = [['n'], ['t'], ['n', 't'], ['d', 't']];
const rowOf = (i: string): string =>
  `${i} * 7919 % 1000003 AS n, CASE WHEN ${i} % 11 > 0 THEN md5(CAST(${i} AS VARCHAR)) END AS t, CAST(${i} / 4 AS DECIMAL(20,2)) AS d`;

/** What becomes of some of the indexes' files. */
interface Damage {
  readonly kind:
    | 'none'
    | 'gone'
    | 'empty'
    | 'cut'
    | 'a bit is another'
    | 'indexes of two files are exchanged';
  /** How their names end. */
  readonly end: '' | '.json' | '.parquet';
  /** Where, from the beginning of a file to its end. */
  readonly at: number;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  kind: fc.constantFrom(
    'none',
    'gone',
    'empty',
    'cut',
    'a bit is another',
    'indexes of two files are exchanged',
  ),
  end: fc.constantFrom('', '.json', '.parquet'),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});
interface Drawn {
  readonly key: readonly string[];
  /** Whether the table has more files than are looked for in their indexes first. */
  readonly hasManyFiles: boolean;
  readonly isCondition: boolean;
  readonly damages: readonly Damage[];
  /** Rows of the first file, of the second, of the small one, and of none. */
  readonly rows: readonly number[];
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  key: fc.constantFrom(...KEYS),
  hasManyFiles: fc.boolean(),
  isCondition: fc.boolean(),
  damages: fc.array(damage, { maxLength: 3 }),
  rows: fc.uniqueArray(fc.nat(2 * FILE_ROWS + 20), { minLength: 1, maxLength: 20 }),
});

const EXAMPLES = KEYS.flatMap((key) =>
  (['gone', 'indexes of two files are exchanged'] as const).map((kind): [Drawn] => [
    {
      key,
      hasManyFiles: kind === 'gone',
      isCondition: false,
      damages: [{ kind, end: '', at: 0 }],
      rows: [1, FILE_ROWS + 1, 2 * FILE_ROWS + 5],
    },
  ]),
);

it('a merge has one outcome with the indexes of its keys, without them, and whatever has become of them', async () => {
  const disk = await openDisk();
  const { engine } = disk;
  const original = join(dir(), 'original');
  const table = await DeltaTable.create(original, {
    engine,
    rows: `SELECT i AS id, ${rowOf('i')} FROM range(${FILE_ROWS}) AS r(i)`,
  });
  await table.append(
    `SELECT i AS id, ${rowOf('i')} FROM range(${FILE_ROWS}, ${2 * FILE_ROWS}) AS r(i) UNION ALL SELECT -id, n, t, d FROM (SELECT 1 AS id, ${rowOf('1')})`,
  );
  await table.append(
    `SELECT i AS id, ${rowOf('i')} FROM range(${2 * FILE_ROWS}, ${2 * FILE_ROWS + 10}) AS r(i)`,
  );
  await table.delete('id % 5 = 0');
  const onTable = { ...disk, storage: openLocalStorage(original) };
  const snapshot = await loadSnapshot(onTable);
  for (const key of KEYS) {
    const fields = snapshot.schema.fields.filter(({ name }) => key.includes(name));
    const sorted = fields.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    for (const file of await snapshot.files()) await new KeyIndexes(onTable, snapshot, sorted).write(file);
  }
  const inManyFiles = join(dir(), 'in-many-files');
  await cp(original, inManyFiles, { recursive: true });
  await using split = await DeltaTable.open(inManyFiles, { engine });
  for (let file = 0; file < 8; file += 1)
    await split.append(`SELECT ${-file}::BIGINT AS id, ${rowOf(`${2 * FILE_ROWS + 10 + file}::BIGINT`)}`);
  const outcome = async (
    { key, hasManyFiles, isCondition, rows }: Drawn,
    damages: readonly Damage[] | 'every row is read',
  ): Promise<unknown> => {
    const folder = await mkdtemp(join(dir(), 'merged-'));
    await cp(hasManyFiles ? inManyFiles : original, folder, { recursive: true });
    const readsAll = damages === 'every row is read';
    for (const one of readsAll ? [] : damages) await harm(join(folder, INDEXES), one);
    await using merged = await DeltaTable.open(folder, { engine });
    const source = rows.map((i) => `SELECT -2::BIGINT AS id, ${rowOf(`${i}::BIGINT`)}`).join(' UNION ALL ');
    const equal = key.map((name) => `target.${name} = source.${name}`);
    const merge = merged
      .merge(source, { on: isCondition ? equal.join(' AND ') : key })
      .whenMatchedUpdate({ id: 'target.id + 10000000' })
      .whenNotMatchedInsertAll();
    const { clauseRows } = await (
      readsAll ? merge.whenNotMatchedBySourceDelete({ where: 'false' }) : merge
    ).execute();
    const all = await merged.read();
    const [sum] = await engine.rows(`SELECT count(*) AS n, bit_xor(hash(r)) AS rows FROM (${all.sql}) AS r`);
    await all.close();
    await rm(folder, { recursive: true });
    return { clauseRows: clauseRows.slice(0, 2), sum };
  };
  await fc.assert(
    fc.asyncProperty(drawn, async (one) => {
      const expected = await outcome(one, 'every row is read');
      expect(await outcome(one, one.damages)).toEqual(expected);
    }),
    { numRuns: RUNS, examples: EXAMPLES },
  );
  await table.close();
});

async function harm(folder: string, { kind, end, at }: Damage): Promise<void> {
  if (kind === 'none') return;
  if (kind === 'indexes of two files are exchanged') return exchange(folder);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith(end)) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const byte = Math.floor(at * bytes.length);
    bytes[byte] = (bytes[byte] ?? 0) ^ 1;
    if (kind === 'gone') await rm(path);
    else if (kind === 'a bit is another') await writeFile(path, bytes);
    else await truncate(path, kind === 'cut' ? byte : 0);
  }
}

/** Each of the two large files has what was the other's, under the names that it looks for. */
async function exchange(folder: string): Promise<void> {
  const folders = (await readdir(folder)).map((name) => join(folder, name));
  const named = await Promise.all(
    folders.map(async (one) => ({ one, names: (await readdir(one)).toSorted() })),
  );
  const [first, second] = named.toSorted((a, b) => b.names.length - a.names.length);
  if (first?.names.length !== second?.names.length) return;
  for (const [index, name] of (first?.names ?? []).entries()) {
    const paths = [
      join(first?.one ?? '', name),
      join(second?.one ?? '', second?.names[index] ?? ''),
    ] as const;
    const [ours, theirs] = await Promise.all([readFile(paths[0]), readFile(paths[1])]);
    await writeFile(paths[0], theirs);
    await writeFile(paths[1], ours);
  }
}
