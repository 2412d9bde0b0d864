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

it.each(['upsert.mjs', 'upkeep.mjs'])('docs/delta.md shows examples/delta/%s as it is', async (name) => {
  const page = await readFile(join(ROOT, 'docs/delta.md'), 'utf8');
  const example = await readFile(join(ROOT, 'examples/delta', name), 'utf8');
  expect(fencesOf(page).map(({ text }) => text)).toContain(example);
});

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
