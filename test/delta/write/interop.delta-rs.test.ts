import { expect, it } from 'vitest';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { describeWith, pythonWith } from '../../support/external.ts';
import { runTasks } from '../../support/run-python.ts';
import { useTempDir } from '../../support/tmp.ts';
import {
  answerOf,
  expectAgreement,
  newestVersion,
  steppedTables,
  versionsOfDroppedVectors,
} from './peers.ts';
import { openWriter } from './table.ts';

const PACKAGES = ['deltalake==1.6.6', 'pyarrow==26.0.1', 'duckdb==1.5.5', 'duckdb-extension-delta==1.5.5'];
const SCRIPT = '../delta/write/peers/delta_rs.py';
const TIMEOUT_MS = 300_000;

const dir = useTempDir();

describeWith(await pythonWith('delta', PACKAGES), 'delta-rs and DuckDB', (python) => {
  it.for([1, 2, 3])(
    'read our tables as we do, and we read theirs (seed %i)',
    { timeout: TIMEOUT_MS },
    async (seed) => {
      const tables = await steppedTables(dir(), seed);
      const tasks = Object.fromEntries(
        Object.entries(tables).map(([name, { path, vectors }]) => [
          name,
          // delta-rs adds rows to a table with deletion vectors, and cannot change such a table's.
          { path, rewrites: !vectors, duckdb: name.endsWith('whole') },
        ]),
      );
      const versions = new Map<string, number>();
      for (const [name, { path }] of Object.entries(tables)) versions.set(name, await newestVersion(path));
      const answers = await runTasks(python, SCRIPT, dir(), tasks);
      for (const [name, { path }] of Object.entries(tables)) {
        const writer = await openWriter(openLocalStorage(path));
        const answer = answerOf(answers[name]);
        expect(answer.duckdb).toEqual(answer.rows);
        // delta-rs 1.6.6 tells the rows that were deleted before for those that were left.
        const unread = await versionsOfDroppedVectors(path);
        await expectAgreement(writer, versions.get(name) ?? 0, answer, unread);
      }
    },
  );
});
