import '../../support/seed.ts';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteName } from '../../../src/engine/quote.ts';
import { fullName } from '../../../src/medallion/layer.ts';
import { LayerTables } from '../../../src/medallion/layer-tables.ts';
import type { Model } from '../../../src/medallion/models/model.ts';
import { SourceViews } from '../../../src/medallion/source-views.ts';
import { storageWithin } from '../../../src/storage/within.ts';
import { useLayers } from '../../support/layer-tables.ts';
import { useTempDir } from '../../support/tmp.ts';
import { drawnRounds, drawnStart, NAMES, rowsSql, take } from './drawn-history.ts';
import { drawnModel } from './drawn-model.ts';
import {
  bronze,
  freshRows,
  replayedRows,
  requestOf,
  rowsOf,
  runSilver,
  silverModel,
  silverRows,
} from './silver-lake.ts';

const dir = useTempDir();
const openLayers = useLayers();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 20);
const operations = new Map<string, number>();

test(
  'a silver table is what its SELECT gives of the versions that it says, after any changes, and so is its change feed',
  { timeout: 3_600_000 },
  async () => {
    const shared = await openLayers(dir());
    let lakes = 0;
    await fc.assert(
      fc.asyncProperty(drawnModel, drawnStart, drawnRounds, async (text, start, rounds) => {
        lakes += 1;
        const storage = storageWithin(shared.edge.storage, `lake-${lakes}/`);
        const tables = new LayerTables({ ...shared.edge, storage });
        for (const [index, name] of NAMES.entries()) await bronze(tables, name, rowsSql(start[index] ?? []));
        const model = await silverModel(tables, text);
        let at = await newestVersions(tables, model);
        for (const round of [{ steps: [], behind: [] }, ...rounds]) {
          for (const { name, step } of round.steps)
            await take(await tables.require({ layer: 'bronze', name }), step);
          at = await versionsOf(tables, model, at, round.behind);
          await runAndCompare(tables, model, at);
        }
      }),
      { numRuns: RUNS, endOnFailure: process.env['IGARAPE_PROPERTY_SHRINK'] !== '1' },
    );
    if (process.env['IGARAPE_PROPERTY_TELL'] === '1') console.info(Object.fromEntries(operations));
  },
);

/** Runs a model at versions of its sources, and compares its table with what the SELECT gives of them. */
async function runAndCompare(
  tables: LayerTables,
  model: Model,
  at: Readonly<Record<string, number>>,
): Promise<void> {
  const before = await tables.find(model);
  const rowsBefore = before === undefined ? undefined : await silverRows(tables, model);
  const report = await runSilver(tables, model, { at });
  const what = report.operation === 'rebuilt' ? `rebuilt: ${String(report.reason)}` : report.operation;
  operations.set(what, (operations.get(what) ?? 0) + 1);
  if (report.operation === 'held') {
    expect(await breaksKey(tables, model, at), report.reason).toBe(true);
    const after = await tables.find(model);
    expect(after === undefined ? undefined : await silverRows(tables, model)).toEqual(rowsBefore);
    return;
  }
  expect(await breaksKey(tables, model, at), 'the key holds').toBe(false);
  const rows = await silverRows(tables, model);
  expect(rows).toEqual(await freshRows(tables, model));
  expect(await replayedRows(tables, model)).toEqual(rows);
  const again = await runSilver(tables, model, { at });
  expect(again.operation).toBe('unchanged');
}

/** True where the SELECT gives other rows for one key, or a null in a key. */
async function breaksKey(
  tables: LayerTables,
  model: Model,
  at: Readonly<Record<string, number>>,
): Promise<boolean> {
  const views = new SourceViews(tables);
  try {
    for (const source of model.sources) await views.open(source, { at: at[fullName(source)] ?? 0 });
    const key = model.header.key.map(quoteName);
    const broken = await rowsOf(
      tables,
      `SELECT ${key.join(', ')} FROM (SELECT DISTINCT * FROM (${model.sql})) GROUP BY ALL
       HAVING count(*) > 1 OR ${key.map((name) => `${name} IS NULL`).join(' OR ')}`,
    );
    return broken.length > 0;
  } finally {
    await views.release();
  }
}

async function newestVersions(tables: LayerTables, model: Model): Promise<Record<string, number>> {
  return Object.fromEntries((await requestOf(tables, model, {})).versions);
}

/** Versions not before those given, so many behind the newest. */
async function versionsOf(
  tables: LayerTables,
  model: Model,
  before: Readonly<Record<string, number>>,
  behind: readonly number[],
): Promise<Record<string, number>> {
  const newest = Object.entries(await newestVersions(tables, model));
  return Object.fromEntries(
    newest.map(([name, version], index) => [
      name,
      Math.max(before[name] ?? 0, version - (behind[index] ?? 0)),
    ]),
  );
}
