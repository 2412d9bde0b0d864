import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Merge } from '../../../src/delta/merge/merge.ts';
import { loadSnapshot } from '../../../src/delta/log/snapshot.ts';
import { createTable } from '../../../src/delta/operations/create-table.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { HelperTables } from '../../../src/delta/read/relation.ts';
import { AT } from '../../../src/delta/read/row-places.ts';
import { scanFiles } from '../../../src/delta/read/scan.ts';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openWriter, rowsBetween, tableRows } from '../write/table.ts';

const dir = useTempDir();

interface Row {
  readonly id: number;
  readonly v: number;
}

interface Drawn {
  /** What is merged, commit by commit, and what of it is no longer there. */
  readonly steps: readonly (readonly (Row & { readonly isGone: boolean })[])[];
  readonly columns: readonly string[];
}

const row = fc.record({ id: fc.nat(9), v: fc.nat(3), isGone: fc.boolean() });
const drawn: fc.Arbitrary<Drawn> = fc.record({
  steps: fc.array(fc.uniqueArray(row, { selector: ({ id }) => id, minLength: 1, maxLength: 6 }), {
    minLength: 1,
    maxLength: 4,
  }),
  columns: fc.subarray(['more'], { minLength: 0 }),
});

it('a merge by rows that another engine has found is the merge that looks for them', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, fc.boolean(), async ({ steps, columns }, takesAll) => {
      const [alone, given] = [await table(), await table()];
      for (const [index, rows] of steps.entries()) {
        const added = index === steps.length - 1 ? columns : [];
        const source = sourceOf(rows, added);
        const wanted = await merge(alone, source, undefined, takesAll);
        const found = await foundIn(given, source, takesAll);
        expect(await merge(given, source, found, takesAll)).toEqual(wanted);
        const [left, right] = [await loadSnapshot(alone), await loadSnapshot(given)];
        expect(await tableRows(given, right)).toEqual(await tableRows(alone, left));
        expect(await feed(given, right.version)).toEqual(await feed(alone, left.version));
      }
    }),
    { numRuns: 8 },
  );
});

async function table(): Promise<Writer> {
  const writer = await openWriter(openLocalStorage(join(dir(), randomUUID())));
  await createTable(writer, { rows: 'SELECT i AS id, 0 AS v FROM range(5) AS r(i)' });
  return writer;
}

function sourceOf(rows: Drawn['steps'][number], columns: readonly string[]): string {
  const values = rows.map(({ id, v, isGone }) => `(${id}::BIGINT, ${v}, ${isGone})`);
  const more = columns.map((name) => `, v + 1 AS ${name}`).join('');
  return `SELECT *${more} FROM (VALUES ${values.join(', ')}) AS s(id, v, gone)`;
}

async function merge(
  writer: Writer,
  source: string,
  found: string | undefined,
  takesAll: boolean,
): Promise<unknown> {
  const merging = new Merge(writer, () => loadSnapshot(writer), source, {
    on: ['id'],
    mergeSchema: ['id', 'v', 'more'].filter((name) => name !== 'more' || source.includes('AS more')),
    ...(found === undefined ? {} : { found }),
  })
    .whenMatchedDelete({ where: 'source.gone' })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll({ where: 'NOT source.gone' });
  const whole = takesAll ? merging.whenNotMatchedBySourceDelete() : merging;
  const { clauseRows, metrics } = await whole.execute();
  return { clauseRows, ...metrics };
}

/** As another engine tells it: by the files' URIs. */
async function foundIn(writer: Writer, source: string, takesAll: boolean): Promise<string> {
  const snapshot = await loadSnapshot(writer);
  const files = await snapshot.files();
  const scan = await scanFiles(writer, snapshot, files, { positions: true });
  try {
    const uris = files.map(({ path }) => `'file:${writer.storage.uri}/${path}'`);
    const condition = takesAll ? '' : ` SEMI JOIN (${source}) AS s ON s.id = t.id`;
    const name = await new HelperTables(writer.engine).createAs(
      `SELECT t.* REPLACE ([${uris.join(', ')}][CAST(${AT.file} AS BIGINT) + 1] AS ${AT.file}) FROM (${scan.sql}) AS t${condition}`,
    );
    return `FROM ${name}`;
  } finally {
    await scan.release();
  }
}

async function feed(writer: Writer, version: number): Promise<string[]> {
  const rows = await rowsBetween(writer, version, version);
  return rows
    .map((row) => {
      const told = Object.entries(row).filter(([name]) => name !== '_commit_timestamp');
      return JSON.stringify(told, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    })
    .toSorted();
}
