// Feeds a lake from a folder of CSV files, from a program: node feed-lake.mjs <folder with clients.csv> <lake>
import { IgarapeError, openLake, plan, runOnce, verify } from 'igarape';

const [folder, lakeFolder] = process.argv.slice(2);

try {
  const lake = await openLake({
    source: { type: 'files', path: folder },
    lake: lakeFolder,
    tables: [{ name: 'clients', pk: 'id' }],
  });

  const planned = await plan(lake);
  console.log('would be', planned.report.tables.clients.operation);

  const { report } = await runOnce(lake);
  const { operation, inserted, updated, deleted, file } = report.tables.clients;
  console.log(`run ${report.run}: ${operation}, +${inserted} ~${updated} -${deleted}, ${file}`);

  const proof = await verify(lake);
  console.log(proof.ok ? 'verified' : proof.tables.clients.problems);
} catch (error) {
  if (!(error instanceof IgarapeError)) throw error;
  console.error(`${error.code}: ${error.message}`, error.hint);
  process.exitCode = error.exitCode;
}
