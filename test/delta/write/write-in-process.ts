import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asIgarapeError } from '../../../src/core/errors.ts';
import type { WriteResult } from '../../../src/delta/write/publish.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openStorage } from '../../../src/storage/open.ts';
import { wrapStorage, type Write } from '../../support/wrapped-storage.ts';
import type { WriteOrder } from './processes.ts';

// A process that writes to a table, and may kill itself at one of its writes: see processes.ts.
const order: WriteOrder = JSON.parse(process.argv[2] ?? '');

/** The number of each write, counted from 1; some go on side by side. */
const numbers = new Map<Write, number>();
function die(moment: 'before' | 'after', write: Write): void {
  if (order.death?.moment === moment && order.death.write === numbers.get(write))
    process.kill(process.pid, 'SIGKILL');
}

const storage = wrapStorage(await openStorage(order.location, order.env), {
  before: (write) => {
    numbers.set(write, numbers.size + 1);
    die('before', write);
  },
  after: (write) => die('after', write),
});
const workDir = await mkdtemp(join(tmpdir(), 'igarape-writer-'));
const table = await DeltaTable.open(storage, { workDir, memoryLimit: '200MB' });
const outcomes: string[] = [];
const versions: (number | null)[] = [];
const reasons: string[] = [];
async function tell(write: Promise<WriteResult>): Promise<void> {
  try {
    const { version } = await write;
    outcomes.push('committed');
    versions.push(version);
  } catch (error) {
    const { code, message } = asIgarapeError(error);
    outcomes.push(code);
    reasons.push(message);
    versions.push(null);
  }
}
for (const source of order.appends ?? []) await tell(table.append(source));
for (const source of order.merges ?? []) {
  const merge = table
    .merge(source, { on: ['id'] })
    .whenMatchedDelete({ where: `source.name = 'gone'` })
    .whenMatchedUpdateAll()
    .whenNotMatchedInsertAll({ where: `source.name <> 'gone'` });
  await tell(merge.execute());
}
await table.close();
await rm(workDir, { recursive: true, force: true });
process.stdout.write(`${JSON.stringify({ outcomes, versions, reasons, writes: numbers.size })}\n`);
