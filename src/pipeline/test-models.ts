import type { SqlColumn } from '../engine/sql-column.ts';
import { join } from 'node:path';
import { type ExitCode, IgarapeError } from '../core/errors.ts';
import { sameName } from '../core/schema.ts';
import type { StructType } from '../delta/schema/schema.ts';
import { sqlColumns } from '../delta/schema/sql-schema.ts';
import { readNewestEntry } from '../lake/ledger.ts';
import { fullName, type LayerTable, sameTable } from '../medallion/layer.ts';
import { LayerTables } from '../medallion/layer-tables.ts';
import type { ModelTest } from '../medallion/model-tests/model-test.ts';
import { readTests } from '../medallion/model-tests/read-tests.ts';
import { runTest, type TestOutcome, type TestSurroundings } from '../medallion/model-tests/run-test.ts';
import type { ModelSet } from '../medallion/models/graph.ts';
import { bronzeColumns, triedModels, triedSeeds } from './check.ts';
import type { Edge, RunRequest } from './context.ts';
import { projectModels, selectedNames } from './models.ts';
import { recordedIn } from './recorded.ts';
import { readSeed, type SeedReading } from './seeds.ts';
import { withEngine } from './with-engine.ts';

export interface TestReport {
  readonly tests: readonly TestedModel[];
}

export interface TestedModel {
  readonly name: string;
  /** The file. */
  readonly path: string;
  readonly model: string;
  readonly outcome: TestOutcome;
}

type Project = Pick<RunRequest, 'config' | 'storage'>;

/**
 * Runs the tests of models, each on the rows that it gives; the lake is asked for the columns of its tables alone.
 *
 * @param words The models to test, as `run --models` selects them; all where undefined.
 * @returns Exit code 2 where a test does not pass.
 * @throws IgarapeError CONFIG_INVALID with every problem of every model, or of every test
 */
export async function testModels(
  { config, storage }: Project,
  edge: Edge,
  words?: readonly string[],
): Promise<{ report: TestReport; exitCode: ExitCode }> {
  return withEngine(config, edge, async (engine, folder) => {
    const set = await projectModels(engine, config);
    const chosen = selectedNames(config, set, words);
    const tests = set.models.length === 0 ? [] : await readTests(config.models);
    const reading = { engine, folder, edge };
    const columns = await knownColumns({ config, storage }, reading, edge, set);
    const surroundings = (workDir: string): TestSurroundings => ({
      engine,
      workDir,
      columnsOf: (table) => columns.get(fullName(table)),
      rowsOf: async (table) => seedRows(reading, set, table),
    });
    const tested: TestedModel[] = [];
    for (const [index, test] of tests.entries()) {
      edge.signal.throwIfAborted();
      const model = modelOf(set, test);
      if (words !== undefined && (model === undefined || !chosen.has(fullName(model)))) continue;
      const outcome = await testOutcome(surroundings(join(folder, `test-${index}`)), config, set, test);
      tested.push({ name: test.name, path: test.path, model: test.model, outcome });
    }
    const isPassed = tested.every(({ outcome }) => outcome.kind === 'passed');
    return { report: { tests: tested }, exitCode: isPassed ? 0 : 2 };
  });
}

async function testOutcome(
  surroundings: TestSurroundings,
  config: RunRequest['config'],
  set: ModelSet,
  test: ModelTest,
): Promise<TestOutcome> {
  try {
    const vars = { ...config.vars, ...test.values };
    const own =
      Object.keys(test.values).length === 0
        ? set
        : await projectModels(surroundings.engine, { ...config, vars });
    const model = modelOf(own, test);
    if (model !== undefined) return await runTest(surroundings, model, test);
    const names = set.models.map(fullName).join(', ');
    return { kind: 'failed', reason: `There is no model ${test.model}; there are: ${names}.` };
  } catch (error) {
    if (!(error instanceof IgarapeError)) throw error;
    return { kind: 'failed', reason: error.message };
  }
}

function modelOf({ models }: ModelSet, test: ModelTest): ModelSet['models'][number] | undefined {
  return models.find((model) => sameName(fullName(model), test.model));
}

async function seedRows(
  reading: SeedReading,
  { seeds }: ModelSet,
  table: LayerTable,
): Promise<string | undefined> {
  const seed = seeds.find((each) => sameTable(each, table));
  return seed && (await readSeed(reading, seed)).rows;
}

/** The columns of the tables that models read, as far as they are known; of a lake that cannot be asked, none. */
async function knownColumns(
  { config, storage }: Project,
  reading: SeedReading,
  edge: Edge,
  set: ModelSet,
): Promise<ReadonlyMap<string, readonly SqlColumn[]>> {
  const { engine, folder } = reading;
  const lake = new LayerTables({ storage, engine, workDir: folder, clock: edge.clock, log: edge.log });
  const bronze = await (async () =>
    bronzeColumns(lake, config, recordedIn(await readNewestEntry(storage))))().catch((error: unknown) => {
    if (!(error instanceof IgarapeError)) throw error;
    edge.log.warn({ err: error }, 'the lake cannot be asked for columns: given values tell their types');
    return new Map<string, StructType>();
  });
  const seeds = await triedSeeds(reading, set);
  const tried = await triedModels(engine, folder, config, set, {
    bronze,
    seeds,
    recorded: () => undefined,
  });
  const known = new Map<string, readonly SqlColumn[]>();
  for (const [name, schema] of bronze) known.set(`bronze.${name}`, sqlColumns(schema.fields));
  for (const [seed, schema] of seeds)
    if (!(schema instanceof IgarapeError)) known.set(fullName(seed), sqlColumns(schema.fields));
  for (const [name, model] of tried)
    if (model.kind === 'fits') known.set(name, sqlColumns(model.schema.fields));
  return known;
}
