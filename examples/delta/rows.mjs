// Rows in and out of a table, as objects, Arrow and JSON: node rows.mjs <folder for the table>
import { DeltaTable } from 'igarape/delta';

const [folder] = process.argv.slice(2);

// Objects, from an array or whatever gives them one after the other: a cursor, a parser, a generator.
async function* clients() {
  yield { id: 1n, name: 'Ana', since: new Date('2024-01-31'), tags: ['new'], points: 10 };
  yield { id: 2n, name: "D'Ávila", since: new Date('2024-02-29'), tags: [], points: 7.5 };
}
const table = await DeltaTable.create(folder, { rows: clients() });
await table.append([{ id: 3n, name: 'Caio' }]);

// Values in SQL are parameters, whatever stands in them.
const rows = await table.read({
  where: 'name = $name OR points > $least',
  parameters: { name: "D'Ávila", least: 9 },
});

// Values without loss (bigints, Maps, bytes), or as JSON takes them.
console.log(JSON.stringify(await rows.toArray({ values: 'json' })));

// Arrow, with the package apache-arrow: bytes of a stream out, and in again.
const { RecordBatchReader } = await import('apache-arrow');
for await (const batch of await RecordBatchReader.from(rows.arrowStream()))
  console.log(batch.numRows, 'rows in a batch');
await table
  .merge(rows.arrowStream(), { on: ['id'], parameters: { more: 1 } })
  .whenMatchedUpdate({ points: 'target.points + $more' })
  .execute();

// How many, and where they are.
console.log(await table.count(), await table.count({ where: 'points > 8' }));
for (const { rows: count, deletedRows } of await table.files()) console.log(count, deletedRows);
await table.close();
