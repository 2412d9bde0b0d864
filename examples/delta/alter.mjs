// Makes a folder of Parquet files a table, alters it, and follows its changes: node alter.mjs <folder for the table>
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DeltaTable, Engine } from 'igarape/delta';

const [folder] = process.argv.slice(2);
const engine = Engine.open({ memoryLimit: '1GB', spillDir: join(folder, '.spill') });
for (const day of ['2024-01-31', '2024-02-29']) {
  await mkdir(join(folder, `day=${day}`), { recursive: true });
  await engine.run(`COPY (SELECT 1 AS id, 9.5 AS amount) TO '${folder}/day=${day}/sales.parquet'`);
}

// None of the files is written anew. The types of what the folders tell are given.
const table = await DeltaTable.convertToDelta(folder, { engine, partitionSchema: { day: 'date' } });
await table.addColumns([{ name: 'note', type: 'string' }]);
await table.setProperties({ owner: 'sales', 'delta.checkpointInterval': '100' });
await table.setDescriptions({ table: 'Sales', columns: { note: 'What the seller says' } });
await table.addConstraint('amount_counted', 'amount >= 0');

// The changes from a version on: those that are there, and then those that come, until the signal.
const stop = new AbortController();
const following = (async () => {
  for await (const { to, rows } of table.follow({ from: 5, signal: stop.signal, pollMs: 20 })) {
    for (const { id, day, _change_type } of await rows.toArray()) console.log(id, day, _change_type);
    if (to === 6) stop.abort();
  }
})();
await table.append([{ id: 2, amount: '7.5', day: '2024-03-31', note: 'late' }]);
await table.delete({ where: 'day = $day', parameters: { day: '2024-01-31' } });
await following;
await table.close();
engine.close();
