import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeActions } from '../../../src/delta/protocol/action-codec.ts';
import type { Action, Protocol } from '../../../src/delta/protocol/actions.ts';
import type { Writer } from '../../../src/delta/files/disk.ts';
import { readCommit } from '../../../src/delta/log/commit-read.ts';
import { commitKey } from '../../../src/delta/log/path.ts';
import { appendRows } from '../../../src/delta/operations/write-table.ts';
import { formatSchema, type StructField } from '../../../src/delta/schema/schema.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { rowsOf } from '../disk.ts';
import { openWriter, optionsOf } from './table.ts';

const FIELDS: readonly StructField[] = [
  { name: 'id', type: 'long', nullable: true, metadata: {} },
  { name: 'v', type: 'string', nullable: true, metadata: {} },
];

interface Made {
  readonly features: readonly string[];
  readonly readers?: readonly string[];
  readonly fields?: readonly StructField[];
  readonly configuration?: Readonly<Record<string, string>>;
  readonly more?: readonly Action[];
}

/** An empty table with the features that others give theirs. */
async function made({
  features,
  readers = [],
  fields = FIELDS,
  configuration = {},
  more = [],
}: Made): Promise<{
  writer: Writer;
  table: DeltaTable;
}> {
  const writer = await openWriter();
  const protocol: Protocol = {
    minReaderVersion: readers.length === 0 ? 1 : 3,
    minWriterVersion: 7,
    ...(readers.length === 0 ? {} : { readerFeatures: readers }),
    writerFeatures: [...features, ...readers],
  };
  const actions: Action[] = [
    { commitInfo: { operation: 'CREATE TABLE', inCommitTimestamp: LATE } },
    { protocol },
    {
      metaData: {
        id: '00000000-0000-4000-8000-000000000000',
        format: { provider: 'parquet', options: {} },
        schemaString: formatSchema({ type: 'struct', fields }),
        partitionColumns: [],
        configuration,
      },
    },
    ...more,
  ];
  await writer.storage.putIfAbsent(commitKey(0), encodeActions(actions));
  return { writer, table: await DeltaTable.open(writer.storage, optionsOf(writer)) };
}

/** Later than the clock of the tests. */
const LATE = Date.UTC(2027, 0, 1);

/** A history of every kind of write. */
const steps = fc.array(
  fc.constantFrom(
    'append',
    'append meanwhile',
    'delete',
    'update',
    'merge',
    'optimize',
    'overwrite',
    'restore',
  ),
  { minLength: 3, maxLength: 7 },
);

async function take(step: string, table: DeltaTable, writer: Writer, at: number): Promise<void> {
  const rows = `SELECT ${at} * 10 + range AS id, 'x' AS v FROM range(3)`;
  switch (step) {
    case 'append':
      await table.append(rows);
      return;
    case 'append meanwhile': {
      // Of two that have seen the same version, the second has to take up what the first has left.
      const seen = await table.snapshot();
      await appendRows(writer, seen, rows);
      await appendRows(writer, seen, rows);
      return;
    }
    case 'delete':
      await table.delete(`id % 3 = ${at % 3}`);
      return;
    case 'update':
      await table.update({ set: { v: `v || '${at}'` }, where: 'id % 2 = 0' });
      return;
    case 'merge':
      await table
        .merge(rows, { on: ['id'] })
        .whenMatchedUpdate({ v: `'m'` })
        .whenNotMatchedInsertAll()
        .execute();
      return;
    case 'optimize':
      await table.optimize();
      return;
    case 'overwrite':
      await table.overwrite(rows);
      return;
    default: {
      const { version } = await table.snapshot();
      await table.restore(Math.max(0, version - 1));
    }
  }
}

describe('row tracking', () => {
  it.each([true, false])(
    'gives each row a number that no other has or had (vectors: %s)',
    async (vectors) => {
      await fc.assert(
        fc.asyncProperty(steps, async (history) => {
          const { table, writer } = await made({
            features: ['rowTracking', 'domainMetadata', 'appendOnly'],
            readers: ['deletionVectors'],
            configuration: {
              'delta.enableRowTracking': 'true',
              'delta.enableDeletionVectors': String(vectors),
              'delta.checkpointInterval': '3',
              'delta.enableExpiredLogCleanup': 'false',
              'delta.rowTracking.materializedRowIdColumnName': '_row-id-col',
              'delta.rowTracking.materializedRowCommitVersionColumnName': '_row-commit-version-col',
            },
          });
          for (const [at, step] of history.entries()) await take(step, table, writer, at);
          const { version } = await table.snapshot();
          const given = new Map<string, string>();
          const used = new Map<bigint, string>();
          const wrong: string[] = [];
          let mark = -1n;
          for (let at = 1; at <= version; at += 1) {
            for (const action of (await readCommit(writer.storage, at)) ?? []) {
              if ('domainMetadata' in action) {
                const next = BigInt(
                  Number(JSON.parse(action.domainMetadata.configuration).rowIdHighWaterMark),
                );
                if (next <= mark) wrong.push(`${at}: the mark goes from ${mark} to ${next}`);
                mark = next;
              }
              if (!('add' in action)) continue;
              const { path, baseRowId = -1n, defaultRowCommitVersion = -1n, stats = '{}' } = action.add;
              const own = `${baseRowId} of ${defaultRowCommitVersion}`;
              // A file that comes again keeps its numbers.
              if (baseRowId < 0n || own !== (given.get(path) ?? `${baseRowId} of ${at}`))
                wrong.push(`${at}: ${own}`);
              given.set(path, own);
              for (let row = 0n; row < BigInt(JSON.parse(stats).numRecords); row += 1n) {
                if ((used.get(baseRowId + row) ?? path) !== path)
                  wrong.push(`${at}: ${baseRowId + row} again`);
                used.set(baseRowId + row, path);
              }
            }
          }
          expect(wrong).toEqual([]);
          expect(mark).toBe([...used.keys()].reduce((most, row) => (row > most ? row : most), -1n));
        }),
        { numRuns: 5 },
      );
    },
  );

  it('says where rows kept their numbers', async () => {
    const { table, writer } = await made({ features: ['rowTracking', 'domainMetadata'] });
    const tags = async (): Promise<unknown> => {
      const { version } = await table.snapshot();
      const [info] = (await readCommit(writer.storage, version)) ?? [];
      return info !== undefined && 'commitInfo' in info ? info.commitInfo['tags'] : undefined;
    };
    await table.append(`SELECT 1 AS id UNION ALL SELECT 2`);
    expect(await tags()).toEqual({ 'delta.rowTracking.preserved': 'true' });
    await table.update({ set: { v: `'x'` }, where: 'id = 1' });
    expect(await tags()).toEqual({ 'delta.rowTracking.preserved': 'false' });
    await table.delete();
    expect(await tags()).toEqual({ 'delta.rowTracking.preserved': 'true' });
  });
});

describe('in-commit timestamps', () => {
  it('rise with every commit, whatever the clock says, also after lost races', async () => {
    const { table, writer } = await made({
      features: ['inCommitTimestamp'],
      configuration: {
        'delta.enableInCommitTimestamps': 'true',
        'delta.checkpointInterval': '2',
        'delta.enableExpiredLogCleanup': 'false',
      },
    });
    for (const [at, step] of ['append', 'append meanwhile', 'delete', 'optimize', 'append'].entries())
      await take(step, table, writer, at);
    const { version } = await table.snapshot();
    const times: unknown[] = [];
    for (let at = 0; at <= version; at += 1) {
      const [info] = (await readCommit(writer.storage, at)) ?? [];
      times.push(
        info !== undefined && 'commitInfo' in info ? info.commitInfo['inCommitTimestamp'] : undefined,
      );
    }
    expect(times).toEqual(Array.from({ length: version + 1 }, (_, at) => LATE + at));
    const rows = await table.read({ at: new Date(LATE + 1) });
    expect(await rows.toArray()).toHaveLength(3);
  });
});

describe('a clustered table', () => {
  const clustering = (columns: readonly string[][]): Action => ({
    domainMetadata: {
      domain: 'delta.clustering',
      configuration: JSON.stringify({ clusteringColumns: columns, domainName: 'delta.clustering' }),
      removed: false,
    },
  });

  it('keeps its clustering, has the bounds of its columns, and is put in their order', async () => {
    const { table } = await made({
      features: ['clustering', 'domainMetadata'],
      configuration: { 'delta.dataSkippingNumIndexedCols': '0', 'delta.targetFileSize': '1kb' },
      more: [clustering([['v'], ['id']])],
    });
    for (const from of [0, 1, 2])
      await table.append(
        `SELECT range AS id, 'v' || lpad(((range * 7919) % 4000)::VARCHAR, 4, '0') AS v FROM range(${from}, 9000, 3)`,
      );
    const before = await rowsOf(table);
    await table.optimize({ targetSizeBytes: 1_000_000 });
    expect(await rowsOf(table)).toEqual(before);
    const snapshot = await table.snapshot();
    expect(snapshot.clusteringColumns).toEqual([['v'], ['id']]);
    const [file, ...others] = await snapshot.files();
    expect(others).toEqual([]);
    const stats = JSON.parse(file?.stats ?? '{}');
    expect(stats.minValues).toEqual({ id: expect.any(Number), v: 'v0000' });
    const read = await table.read();
    const ordered = await table.engine.rows(
      `SELECT count(*) FILTER (v < before)::INTEGER AS out FROM (SELECT v, lag(v) OVER () AS before FROM (${read.sql}))`,
    );
    expect(ordered).toEqual([{ out: 0 }]);
    await expect(table.overwrite('SELECT 1 AS id', { overwriteSchema: true })).rejects.toMatchObject({
      code: 'DELTA_QUERY',
      message: expect.stringContaining('clustered by the column v'),
    });
  });

  it('gets the clustering back that it had at the version that it is restored to', async () => {
    const { table, writer } = await made({
      features: ['clustering', 'domainMetadata'],
      more: [clustering([['v']])],
    });
    await table.append('SELECT 1 AS id');
    await writer.storage.putIfAbsent(commitKey(2), encodeActions([{ commitInfo: {} }, clustering([['id']])]));
    expect((await table.snapshot()).clusteringColumns).toEqual([['id']]);
    await table.restore(1);
    expect((await table.snapshot()).clusteringColumns).toEqual([['v']]);
  });
});

describe('type widening', () => {
  it('keeps files of narrower types, and tells in the schema what they are', async () => {
    const writer = await openWriter();
    const table = await DeltaTable.create(writer.storage, {
      ...optionsOf(writer),
      rows: `SELECT 1::TINYINT AS i, 1.5::DECIMAL(5,2) AS m, DATE '2024-01-31' AS t, [1::SMALLINT] AS l, {'x': 1::INTEGER} AS s`,
      configuration: { 'delta.enableTypeWidening': 'true' },
    });
    expect((await table.snapshot()).protocol.readerFeatures).toContain('typeWidening');
    const old = (await (await table.snapshot()).files()).map(({ path }) => path);
    await table.append(
      `SELECT 300::SMALLINT AS i, 7.1234::DECIMAL(9,4) AS m, TIMESTAMP '2024-01-31 12:00:00' AS t, [70000::INTEGER] AS l, {'x': 5000000000::BIGINT} AS s`,
      { mergeSchema: true },
    );
    await table
      .merge(`SELECT 5000000000::BIGINT AS i, 9.9999::DECIMAL(9,4) AS m`, { on: ['i'], mergeSchema: true })
      .whenNotMatchedInsertAll()
      .execute();
    const snapshot = await table.snapshot();
    expect((await snapshot.files()).map(({ path }) => path)).toEqual(expect.arrayContaining(old));
    expect(await snapshot.files()).toHaveLength(3);
    const rows = await (await table.read()).toArray();
    expect(rows.toSorted((left, right) => Number(left['i']) - Number(right['i']))).toEqual([
      { i: 1n, m: '1.5000', t: '2024-01-31T00:00:00', l: [1], s: { x: 1n } },
      { i: 300n, m: '7.1234', t: '2024-01-31T12:00:00', l: [70000], s: { x: 5000000000n } },
      { i: 5000000000n, m: '9.9999', t: null, l: null, s: null },
    ]);
    const changes = snapshot.schema.fields.map(({ metadata }) => metadata['delta.typeChanges']);
    expect(changes).toEqual([
      [
        { fromType: 'byte', toType: 'short' },
        { fromType: 'short', toType: 'long' },
      ],
      [{ fromType: 'decimal(5,2)', toType: 'decimal(9,4)' }],
      [{ fromType: 'date', toType: 'timestamp_ntz' }],
      [{ fromType: 'short', toType: 'integer', fieldPath: 'element' }],
      undefined,
    ]);
    const found = await table.read({
      where: `t < TIMESTAMP '2024-01-31 06:00:00' AND m < 1.51`,
      columns: ['i'],
    });
    expect(await found.toArray()).toEqual([{ i: 1n }]);
    // What no file of an integer may be read as is written anew.
    await table.append('SELECT 12.5::DECIMAL(5,2) AS i', { mergeSchema: true });
    expect((await (await table.snapshot()).files()).map(({ path }) => path)).not.toEqual(
      expect.arrayContaining(old),
    );
  });
});
