// Creates a table, merges changes into it, and reads what changed: node upsert.mjs <folder for the table>
import { DeltaTable } from 'igarape/delta';

const [folder] = process.argv.slice(2);
const table = await DeltaTable.create(folder, {
  rows: `SELECT * FROM (VALUES (1, 'Ana', 10), (2, 'Bia', 20), (3, 'Caio', 30)) AS v(id, name, points)`,
  configuration: { 'delta.constraints.points_counted': 'points >= 0' },
});

const changes = `SELECT * FROM (VALUES
  (1, 'Ana', 10, 'U'), (2, 'Bia', 25, 'U'), (3, NULL, NULL, 'D'), (4, 'Duda', 40, 'I')) AS v(id, name, points, op)`;
const { version, metrics } = await table
  .merge(changes, { on: ['id'], app: { appId: 'upsert-example', version: 1n } })
  .whenMatchedDelete({ where: `source.op = 'D'` })
  .whenMatchedUpdate({ name: 'source.name', points: 'source.points' })
  .whenNotMatchedInsert({ id: 'source.id', name: 'source.name', points: 'source.points' })
  .execute();
const { numTargetRowsInserted, numTargetRowsUpdated, numTargetRowsDeleted } = metrics;
console.log(
  `version ${version}: +${numTargetRowsInserted} ~${numTargetRowsUpdated} -${numTargetRowsDeleted}`,
);

const feed = await table.changes({ from: version });
for (const { id, points, _change_type } of await feed.toArray()) console.log(id, points, _change_type);
await table.close();
