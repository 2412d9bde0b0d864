import { openLake, plan, runOnce, verify } from 'igarape';

const lake = await openLake({
  source: { type: 'files', path: './source' },
  tables: [{ name: 'people', pk: 'id' }],
});
const planned = await plan(lake);
const { report } = await runOnce(lake);
const { ok } = await verify(lake);
const { people } = report.tables;
process.stdout.write(
  JSON.stringify({ planned: planned.report.tables.people.operation, inserted: people.inserted, ok }),
);
