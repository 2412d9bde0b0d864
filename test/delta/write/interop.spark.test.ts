import { expect, it } from 'vitest';
import { openLocalStorage } from '../../../src/storage/local.ts';
import { describeWith } from '../../support/external.ts';
import { sparkPython } from '../../support/python.ts';
import { runTasks } from '../../support/run-python.ts';
import { useTempDir } from '../../support/tmp.ts';
import { answerOf, expectAgreement, newestVersion, steppedTables } from './peers.ts';
import { openWriter } from './table.ts';

const SCRIPT = '../delta/write/peers/delta_spark.py';
const TIMEOUT_MS = 600_000;

const dir = useTempDir();

describeWith(await sparkPython(), 'Spark', ({ python, jars }) => {
  it('reads our tables as we do, and we read what it makes of them', { timeout: TIMEOUT_MS }, async () => {
    const tables = await steppedTables(dir(), 5);
    const versions = new Map<string, number>();
    for (const [name, { path }] of Object.entries(tables)) versions.set(name, await newestVersion(path));
    const answers = await runTasks(python, SCRIPT, dir(), tables, [dir(), jars]);
    expect(Object.keys(answers)).toEqual(Object.keys(tables));
    for (const [name, { path }] of Object.entries(tables)) {
      const writer = await openWriter(openLocalStorage(path));
      await expectAgreement(writer, versions.get(name) ?? 0, answerOf(answers[name]));
    }
  });
});
