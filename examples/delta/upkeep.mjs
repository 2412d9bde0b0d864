// Writes to a table in every other way, and keeps it up: node upkeep.mjs <folder for the table>
import { DeltaTable } from 'igarape/delta';

const [folder] = process.argv.slice(2);
const table = await DeltaTable.create(folder, {
  rows: `SELECT i AS id, 'norte' AS region, i * 1.5 AS amount FROM range(100) AS r(i)`,
  partitionColumns: ['region'],
});

// Columns go by their names; new ones, and wider types, only where they are meant.
await table.append(`SELECT 100 AS id, 'sul' AS region, 7.5 AS amount, 'late' AS note`, { mergeSchema: true });
await table.update({ set: { amount: 'amount + 1' }, where: `region = 'sul'` });
await table.delete({ where: 'id < 10' });
await table.overwrite(`SELECT 200 AS id, 'sul' AS region, 9 AS amount`, { where: `region = 'sul'` });

await table.optimize();
await table.restore(1);
await table.checkpoint();
const { files } = await table.vacuum({ dryRun: true });
console.log(`${files.length} files are older than the retention`);

for await (const { version, operation } of table.history()) console.log(version, operation);
await table.close();
