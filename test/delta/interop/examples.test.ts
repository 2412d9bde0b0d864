import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { fencesOf } from '../../docs/fences.ts';
import { useTempDir } from '../../support/tmp.ts';

const ROOT = join(import.meta.dirname, '../../..');
const dir = useTempDir();

/** What an example of the built package prints, line by line. */
async function run(name: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    join(ROOT, 'examples/delta', name),
    join(dir(), 'table'),
  ]);
  return stdout.trimEnd().split('\n');
}

it.each(['upsert.mjs', 'rows.mjs', 'alter.mjs', 'upkeep.mjs'])(
  'docs/delta.md shows examples/delta/%s as it is',
  async (name) => {
    const page = await readFile(join(ROOT, 'docs/delta.md'), 'utf8');
    const example = await readFile(join(ROOT, 'examples/delta', name), 'utf8');
    expect(fencesOf(page).map(({ text }) => text)).toContain(example);
  },
);

it('merges changes and tells what they changed', async () => {
  const [first, ...changes] = await run('upsert.mjs');
  expect(first).toBe('version 1: +1 ~1 -1');
  // The row that an update left as it was is no change.
  expect(changes.toSorted()).toEqual([
    '2 20 update_preimage',
    '2 25 update_postimage',
    '3 30 delete',
    '4 40 insert',
  ]);
});

it('takes and gives rows as objects, JSON and Arrow', async () => {
  expect(await run('rows.mjs')).toEqual([
    `[{"id":"1","name":"Ana","since":"2024-01-31T00:00:00Z","tags":["new"],"points":10},{"id":"2","name":"D'Ávila","since":"2024-02-29T00:00:00Z","tags":[],"points":7.5}]`,
    '2 rows in a batch',
    '3 2',
    '1 0',
    '2 0',
  ]);
});

it('converts a folder, alters the table and follows its changes', async () => {
  expect(await run('alter.mjs')).toEqual(['2 2024-03-31 insert', '1 2024-01-31 delete']);
});

it('writes in every other way and keeps a table up', async () => {
  expect(await run('upkeep.mjs')).toEqual([
    '0 files are older than the retention',
    '6 RESTORE',
    '5 OPTIMIZE',
    '4 WRITE',
    '3 DELETE',
    '2 UPDATE',
    '1 WRITE',
    '0 CREATE TABLE AS SELECT',
  ]);
});
