import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';
import { HandMade } from '../hand-made.ts';

const dir = useTempDir();

const add = (path: string): object => ({
  add: { path, partitionValues: {}, size: 1, modificationTime: 1, dataChange: true },
});
const remove = (path: string): object => ({ remove: { path, deletionTimestamp: 1, dataChange: true } });

/** A table with one file a version, but for the first, and a checkpoint of version 2 as its writer would have it. */
async function fourVersions(): Promise<HandMade> {
  const made = new HandMade(dir());
  await made.create({ a: 'long' });
  for (const version of [1, 2, 3, 4]) await made.commit(version, [add(`f${version}`)]);
  return made;
}

const CHECKPOINT = `
  SELECT {'minReaderVersion': 1, 'minWriterVersion': 2} AS protocol, NULL AS "metaData", NULL AS add
  UNION ALL
  SELECT NULL, {'id': 'x', 'format': {'provider': 'parquet', 'options': MAP {}}, 'schemaString': '{"type":"struct","fields":[]}',
    'partitionColumns': []::VARCHAR[], 'configuration': MAP {'from': 'checkpoint'}}, NULL
  UNION ALL
  SELECT NULL, NULL, {'path': unnest(['f1', 'f2']), 'partitionValues': MAP {}, 'size': 1, 'modificationTime': 1, 'dataChange': false}`;

async function filesOf(
  version?: number,
  folder = dir(),
): Promise<{ files: string[]; from: string | undefined }> {
  const table = await openTable(folder);
  const snapshot = await table.snapshot(version);
  return {
    files: (await snapshot.files())
      .map(({ path }) => path)
      .toSorted((left, right) => left.localeCompare(right)),
    from: snapshot.configuration['from'],
  };
}

describe('a checkpoint', () => {
  it('replaces the commits before it, which may be gone', async () => {
    const made = new HandMade(dir());
    await made.data('_delta_log/00000000000000000002.checkpoint.parquet', CHECKPOINT);
    for (const version of [3, 4]) await made.commit(version, [add(`f${version}`)]);
    expect(await filesOf()).toEqual({ files: ['f1', 'f2', 'f3', 'f4'], from: 'checkpoint' });
    expect(await filesOf(2)).toEqual({ files: ['f1', 'f2'], from: 'checkpoint' });
    await expect(filesOf(1)).rejects.toThrow(/version 1 can no longer be read: the oldest that can is 2/);
  });

  it.each([
    ['there is none', undefined],
    ['it is right', '{"version":2,"size":4}'],
    ['it is torn', '{"vers'],
    ['it names a version that has none', '{"version":3}'],
    ['it names a version to come', '{"version":99}'],
    ['it is nonsense', '{"version":-1.5}'],
  ])('is found by the listing, whatever the hint says: %s', async (_what, hint) => {
    const made = await fourVersions();
    await made.data('_delta_log/00000000000000000002.checkpoint.parquet', CHECKPOINT);
    if (hint !== undefined) await made.write('_delta_log/_last_checkpoint', hint);
    expect(await filesOf()).toEqual({ files: ['f1', 'f2', 'f3', 'f4'], from: 'checkpoint' });
  });

  it('of several parts counts only where all are there', async () => {
    const made = await fourVersions();
    await made.data('_delta_log/00000000000000000002.checkpoint.0000000001.0000000002.parquet', CHECKPOINT);
    expect((await filesOf()).from).toBeUndefined();
    await made.data(
      '_delta_log/00000000000000000002.checkpoint.0000000002.0000000002.parquet',
      `SELECT {'path': 'gone', 'deletionTimestamp': 1, 'dataChange': false} AS remove`,
    );
    expect(await filesOf()).toEqual({ files: ['f1', 'f2', 'f3', 'f4'], from: 'checkpoint' });
  });

  it('that was written by half is passed over where the commits are there, and told where they are not', async () => {
    const made = await fourVersions();
    const key = '_delta_log/00000000000000000003.checkpoint.parquet';
    await made.data(key, CHECKPOINT);
    const whole = await readFile(join(dir(), key));
    for (const bytes of [whole.subarray(0, whole.length / 2), whole.subarray(0, 0), Buffer.from('PAR1')]) {
      await made.write(key, bytes);
      await made.write('_delta_log/_last_checkpoint', '{"version":3}');
      expect(await filesOf()).toEqual({ files: ['f1', 'f2', 'f3', 'f4'], from: undefined });
    }
    await made.data('_delta_log/00000000000000000002.checkpoint.parquet', CHECKPOINT);
    expect((await filesOf()).from).toBe('checkpoint');
    for (const version of [0, 1, 2, 3])
      await rm(join(dir(), `_delta_log/0000000000000000000${version}.json`));
    await expect(filesOf()).rejects.toThrow(/00003\.checkpoint\.parquet: it cannot be read/);
  });

  it('may have typed statistics and none as text', async () => {
    const made = await fourVersions();
    const typed = CHECKPOINT.replace(
      `'dataChange': false`,
      `'dataChange': false, 'stats_parsed': {'numRecords': 9007199254740993, 'minValues': {'a': 1.50::DECIMAL(38, 2)}}`,
    );
    await made.data('_delta_log/00000000000000000002.checkpoint.parquet', typed);
    const table = await openTable(dir());
    const [file] = await (await table.snapshot(2)).files();
    expect(file?.stats).toBe('{"numRecords":9007199254740993,"minValues":{"a":1.50}}');
  });
});

describe('the log', () => {
  it('has no gaps', async () => {
    const made = new HandMade(dir());
    await made.create({ a: 'long' });
    await made.commit(2, [add('f2')]);
    await expect(filesOf()).rejects.toThrow(/00000000000000000001\.json: this commit is missing/);
  });

  it('begins at version 0, or with a checkpoint', async () => {
    const made = new HandMade(dir());
    await made.commit(1, [add('f1')]);
    await expect(filesOf()).rejects.toThrow(/00000000000000000000\.json: this commit is missing/);
  });

  it('is read by its commits, whatever a compaction beside them says', async () => {
    const drawn = fc.record({
      // In each version, files that come and files that go.
      commits: fc.array(fc.record({ adds: fc.uniqueArray(fc.nat(4)), removes: fc.uniqueArray(fc.nat(4)) }), {
        minLength: 3,
        maxLength: 6,
      }),
      from: fc.nat(2),
      shuffle: fc.infiniteStream(fc.nat()),
      isCut: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ commits, from, shuffle, isCut }) => {
        const made = new HandMade(await mkdtemp(join(dir(), 'table-')));
        await made.create({ a: 'long' });
        const live = new Set<string>();
        const all: object[] = [];
        for (const [index, { adds, removes }] of commits.entries()) {
          const gone = removes.filter((file) => live.has(`f${file}`));
          const come = adds.filter((file) => !gone.includes(file) && !live.has(`f${file}`));
          for (const file of gone) live.delete(`f${file}`);
          for (const file of come) live.add(`f${file}`);
          const actions = [...gone.map((file) => remove(`f${file}`)), ...come.map((file) => add(`f${file}`))];
          await made.commit(index + 1, actions);
          if (index >= from) all.push(...actions);
        }
        const keys = new Map(all.map((action) => [action, shuffle.next().value]));
        const order = all.toSorted((left, right) => Number(keys.get(left)) - Number(keys.get(right)));
        const text = (isCut ? order.slice(1) : order).map((action) => JSON.stringify(action)).join('\n');
        const name = [from + 1, commits.length].map((version) => String(version).padStart(20, '0')).join('.');
        await made.write(`_delta_log/${name}.compacted.json`, text);
        expect((await filesOf(undefined, made.folder)).files).toEqual([...live].toSorted());
      }),
      { numRuns: 15 },
    );
  });

  it('ignores what is none of its files', async () => {
    const made = await fourVersions();
    for (const name of [
      '.00000000000000000009.json.crc',
      '00000000000000000009.crc',
      '9.json',
      '_commits/x',
      'note.txt',
    ]) {
      await made.write(`_delta_log/${name}`, 'anything');
    }
    expect((await filesOf()).files).toHaveLength(4);
  });

  it('knows no order of the actions in a commit', async () => {
    const made = await fourVersions();
    const vector = {
      storageType: 'u',
      pathOrInlineDv: 'ab^-aqEH.-t@S}K{vb[*k^',
      offset: 1,
      sizeInBytes: 1,
      cardinality: 1,
    };
    const withVector = {
      add: {
        path: 'f1',
        partitionValues: {},
        size: 1,
        modificationTime: 1,
        dataChange: true,
        deletionVector: vector,
      },
    };
    await made.commit(5, [withVector, remove('f1')]);
    const table = await openTable(dir());
    const f1 = (await (await table.snapshot()).files()).filter(({ path }) => path === 'f1');
    expect(f1.map(({ deletionVector }) => deletionVector?.offset)).toEqual([1]);
  });

  it('removes a file only as it was: another deletion vector makes it another', async () => {
    const made = await fourVersions();
    const deletionVector = {
      storageType: 'u',
      pathOrInlineDv: 'ab^-aqEH.-t@S}K{vb[*k^',
      sizeInBytes: 1,
      cardinality: 1,
    };
    const file = { path: 'f1', partitionValues: {}, size: 1, modificationTime: 1, dataChange: true };
    await made.commit(5, [remove('f1'), { add: { ...file, deletionVector } }]);
    await made.commit(6, [remove('f1')]);
    expect((await filesOf()).files).toContain('f1');
    await made.commit(7, [{ remove: { path: 'f1', dataChange: true, deletionVector } }]);
    expect((await filesOf()).files).not.toContain('f1');
  });

  it('that grows is seen by a table that is open already', async () => {
    const made = await fourVersions();
    const table = await openTable(dir());
    await made.commit(5, [remove('f1')]);
    expect((await table.snapshot()).version).toBe(5);
    expect((await table.snapshot()).fileCount).toBe(3);
  });
});
