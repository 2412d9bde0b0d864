import type { Said, Told } from '../../core/language/sentence.ts';
import { IgarapeError } from '../../core/errors.ts';
import { byName, sameName } from '../../core/schema.ts';
import type { SqlColumn } from '../../engine/sql-column.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName, quoteText } from '../../engine/quote.ts';
import { likelyTypes } from '../../snapshot/infer.ts';
import type { RawRows } from '../../snapshot/raw-table.ts';
import { readTyped } from '../../snapshot/snapshot.ts';
import { refusalsOf } from '../models/refusals.ts';
import { parseStatement } from '../models/statement.ts';
import type { TestRows } from './model-test.ts';

/**
 * SQL of rows that a test tells, in the types of `known`; where these are not known, in those that the values of a CSV
 * file would get.
 *
 * @param what Whose rows they are, for messages.
 * @param isWhole True where the rows get all known columns, null where they do not tell them.
 * @throws IgarapeError CONFIG_INVALID for what is no rows of these columns
 */
export async function testRows(
  engine: Engine,
  what: string,
  told: TestRows,
  known: readonly SqlColumn[] | undefined,
  isWhole: boolean,
): Promise<string> {
  const relation = told.kind === 'sql' ? await selected(engine, what, told.sql) : valuesOf(told.rows);
  if (relation === undefined) {
    if (known === undefined)
      throw invalid(`${what} has no rows, and its columns are not known before there is a lake.`, NO_COLUMNS);
    return `SELECT ${known.map(({ name, type }) => nullOf(name, type)).join(', ')} LIMIT 0`;
  }
  const columns = await engine.describe(`SELECT * FROM ${relation}`);
  if (known === undefined)
    return told.kind === 'sql' ? `SELECT * FROM ${relation}` : inferred(engine, columns, relation);
  const type = byName(known);
  const strange = columns.find(({ name }) => type(name) === undefined);
  if (strange !== undefined) {
    const names = known.map(({ name }) => name).join(', ');
    throw invalid(`${what} has no column ${strange.name}.`, `It has: ${names}.`);
  }
  const list = known.flatMap(({ name, type: wanted }) => {
    const column = columns.find((each) => sameName(each.name, name));
    if (column === undefined) return isWhole ? [nullOf(name, wanted)] : [];
    return [`CAST(${quoteName(column.name)} AS ${wanted}) AS ${quoteName(name)}`];
  });
  return `SELECT ${list.join(', ')} FROM ${relation}`;
}

const NO_COLUMNS = 'Give it as a SELECT, such as: SELECT 1 AS id WHERE false.';

function nullOf(name: string, type: string): string {
  return `CAST(NULL AS ${type}) AS ${quoteName(name)}`;
}

/** SQL after FROM; undefined where there are no rows. */
function valuesOf(rows: Extract<TestRows, { kind: 'rows' }>['rows']): string | undefined {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (names.length === 0) return undefined;
  const values = rows.map((row) => {
    const cells = names.map((name) => row[name] ?? null);
    return `(${cells.map((value) => (value === null ? 'NULL' : quoteText(value))).join(', ')})`;
  });
  const list = names.map(quoteName);
  const texts = list.map((name) => `CAST(${name} AS VARCHAR) AS ${name}`);
  return `(SELECT ${texts.join(', ')} FROM (VALUES ${values.join(', ')}) AS v(${list.join(', ')})) AS told`;
}

async function selected(engine: Engine, what: string, sql: string): Promise<string> {
  const statement = await parseStatement(engine, sql);
  if (statement.kind === 'refused') throw invalid({ quoted: `${what}: ${statement.reason}.` });
  const rules = { layers: [], parameters: [], insteadOfClock: undefined, known: [] };
  const [refusal] = refusalsOf(statement.references, rules);
  if (refusal !== undefined)
    throw invalid({ quoted: `${what}: ${refusal.value}.` }, 'Give its rows themselves.');
  return `(${statement.sql}) AS told`;
}

async function inferred(engine: Engine, columns: readonly SqlColumn[], relation: string): Promise<string> {
  const raw: RawRows = {
    name: 'given rows',
    columns: columns.map(({ name }) => {
      const text = quoteName(name);
      return { name, text, scalar: text, hashed: text };
    }),
    relation,
    explain: (error) => error,
  };
  const select = await readTyped(
    raw,
    await likelyTypes(engine, raw),
    '1 AS igarape_hash',
    async (sql) => sql,
  );
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  return `SELECT ${names} FROM (${select ?? `SELECT * FROM ${relation}`})`;
}

export function invalid(message: Said, hint: Told = 'Correct the test.'): IgarapeError {
  return new IgarapeError('CONFIG_INVALID', message, { hint });
}
