import { asIgarapeError } from '../../core/errors.ts';
import { sameName } from '../../core/schema.ts';
import { silentLogger } from '../../core/log.ts';
import { HelperTables } from '../../delta/read/relation.ts';
import type { SqlColumn } from '../../engine/sql-column.ts';
import type { Engine } from '../../engine/engine.ts';
import { alikeIn, quoteName } from '../../engine/quote.ts';
import { textList, type TextRow, textRow } from '../../engine/text-rows.ts';
import { openMemoryStorage } from '../../storage/memory.ts';
import { buildModel } from '../build/build.ts';
import { fullName, type LayerTable } from '../layer.ts';
import { LayerTables } from '../layer-tables.ts';
import { type Model, unchecked } from '../models/model.ts';
import type { ModelTest } from './model-test.ts';
import { invalid, testRows } from './test-rows.ts';

/** A row that is other than expected: expected and missing, there and not expected, or another by its key. */
export interface TestDifference {
  readonly kind: 'missing' | 'not expected' | 'differs';
  /** The row that is there, or of a missing one what was expected; values as text. */
  readonly row: TextRow;
  /** Of one that differs, what was expected. */
  readonly expected?: TextRow;
}

export type TestOutcome =
  | { readonly kind: 'passed' }
  /** The model gives other rows; the first of them, and how many there are. */
  | { readonly kind: 'differs'; readonly differences: readonly TestDifference[]; readonly total: number }
  /** It gives none: why. */
  | { readonly kind: 'failed'; readonly reason: string };

/** What a test is run with. */
export interface TestSurroundings {
  readonly engine: Engine;
  readonly workDir: string;
  /** The columns of a table, where they are known. */
  readonly columnsOf: (table: LayerTable) => readonly SqlColumn[] | undefined;
  /** SQL of the rows of a table that the test leaves to the project: a seed's. */
  readonly rowsOf: (table: LayerTable) => Promise<string | undefined>;
}

/** Computes a model over the rows that a test gives, in memory, and compares the outcome with what it expects. */
export async function runTest(
  { engine, workDir, columnsOf, rowsOf }: TestSurroundings,
  model: Model,
  test: ModelTest,
): Promise<TestOutcome> {
  await using helpers = new HelperTables(engine);
  const storage = openMemoryStorage();
  const tables = new LayerTables({ storage, engine, workDir, clock: () => 0, log: silentLogger });
  try {
    const strange = [...test.given.keys()].find(
      (name) => !model.sources.some((each) => sameName(fullName(each), name)),
    );
    if (strange !== undefined) throw invalid(`${strange} is given, which the model does not read.`);
    for (const source of model.sources) {
      const name = fullName(source);
      const given = test.given.get(name.toLowerCase());
      const rows =
        given === undefined
          ? await rowsOf(source)
          : await testRows(engine, name, given, columnsOf(source), true);
      if (rows === undefined)
        throw invalid(`${name}, which the model reads, is not given.`, 'Give its rows, or [] for none.');
      await tables.create(source, { rows });
    }
    // Checks read other tables, which a test does not give.
    const report = await buildModel(tables, { model: unchecked(model) });
    if (report.operation === 'held') return { kind: 'failed', reason: report.reason ?? '' };
    await using found = await (await tables.require(model)).read();
    return await compared(
      engine,
      { sql: found.sql, columns: found.columns, key: model.header.key },
      test,
      helpers,
    );
  } catch (thrown) {
    const { message, hint } = asIgarapeError(thrown);
    return { kind: 'failed', reason: hint === undefined ? message : `${message} ${hint}` };
  }
}

interface Found {
  readonly sql: string;
  readonly columns: readonly SqlColumn[];
  readonly key: readonly string[];
}

const SHOWN = 20;

/** Compares the columns that the test tells of. */
async function compared(
  engine: Engine,
  { sql, columns, key }: Found,
  test: ModelTest,
  helpers: HelperTables,
): Promise<TestOutcome> {
  const expectedSql = await testRows(engine, 'what is expected', test.expected, columns, false);
  const told = await engine.describe(expectedSql);
  const columnNames = told.map(({ name }) => name);
  const names = columnNames.map(quoteName).join(', ');
  const expected = await helpers.createAs(textsOf(expectedSql, told));
  const found = await helpers.createAs(textsOf(`SELECT ${names} FROM (${sql})`, told));
  const missing = await helpers.createAs(`FROM ${expected} EXCEPT ALL FROM ${found}`);
  const surplus = await helpers.createAs(`FROM ${found} EXCEPT ALL FROM ${expected}`);
  const keys = key.flatMap((name) => told.find((each) => sameName(each.name, name)) ?? []);
  const isKeyed = keys.length > 0 && keys.length === key.length;
  const same = alikeIn(
    keys.map(({ name }) => name),
    'e',
    'f',
  );
  const paired = `FROM (SELECT *, true AS there FROM ${missing}) AS e FULL JOIN (SELECT *, true AS there FROM ${surplus}) AS f
    ON ${isKeyed ? same : 'false'}`;
  const rows = await engine.rows(
    `SELECT e.there AS missing, f.there AS surplus, ${textList(columnNames, 'e.')} AS expected, ${textList(columnNames, 'f.')} AS found ${paired} ORDER BY ALL`,
  );
  if (rows.length === 0) return { kind: 'passed' };
  const differences = rows.slice(0, SHOWN).map((row): TestDifference => {
    const [wanted, there] = [textRow(columnNames, row['expected']), textRow(columnNames, row['found'])];
    if (row['surplus'] !== true) return { kind: 'missing', row: wanted };
    return row['missing'] === true
      ? { kind: 'differs', row: there, expected: wanted }
      : { kind: 'not expected', row: there };
  });
  return { kind: 'differs', differences, total: rows.length };
}

/** Values as text. Sums of floating point numbers differ in their last digits by the order of their summands. */
function textsOf(sql: string, columns: readonly SqlColumn[]): string {
  const texts = columns.map(({ name, type }) => {
    const column = quoteName(name);
    const text = /^(?:DOUBLE|FLOAT)$/.test(type) ? `printf('%.12g', CAST(${column} AS DOUBLE))` : column;
    return `CASE WHEN ${column} IS NOT NULL THEN CAST(${text} AS VARCHAR) END AS ${column}`;
  });
  return `SELECT ${texts.join(', ')} FROM (${sql})`;
}
