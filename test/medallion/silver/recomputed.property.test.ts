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
          const { found, expected } = await runAndCompare(tables, model, at);
          expect(found).toEqual(expected);
        }
      }),
      { numRuns: RUNS, endOnFailure: process.env['IGARAPE_PROPERTY_SHRINK'] !== '1' },
    );
  },
);

interface Outcome {
  readonly isHeld: boolean;
  readonly rows: readonly string[] | undefined;
  /** What the change feed makes. */
  readonly replayed: readonly string[] | undefined;
  /** What a run does that comes right after. */
  readonly next: string;
}

/** Runs a model at versions of its sources; what came of it, and what should have. */
async function runAndCompare(
  tables: LayerTables,
  model: Model,
  at: Readonly<Record<string, number>>,
): Promise<{ found: Outcome; expected: Outcome }> {
  const before = await rowsIfThere(tables, model);
  const report = await runSilver(tables, model, { at });
  const rows = await rowsIfThere(tables, model);
  const isHeld = report.operation === 'held';
  const isBroken = await breaksKey(tables, model, at);
  const replayed = rows === undefined ? undefined : await replayedRows(tables, model);
  const { operation: next } = await runSilver(tables, model, { at });
  const wanted = isBroken ? before : await freshRows(tables, model);
  return {
    found: { isHeld, rows, replayed, next },
    expected: { isHeld: isBroken, rows: wanted, replayed: wanted, next: isBroken ? 'held' : 'unchanged' },
  };
}

async function rowsIfThere(tables: LayerTables, model: Model): Promise<string[] | undefined> {
  return (await tables.find(model)) === undefined ? undefined : silverRows(tables, model);
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
    await views[Symbol.asyncDispose]();
  }
}

async function newestVersions(tables: LayerTables, model: Model): Promise<Record<string, number>> {
  return Object.fromEntries((await requestOf(tables, model, {})).versions ?? []);
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
