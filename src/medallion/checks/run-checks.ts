import type { Told } from '../../core/language/sentence.ts';
import { closest } from '../../config/closest.ts';
import { IgarapeError } from '../../core/errors.ts';
import type { SqlColumn } from '../../engine/sql-column.ts';
import type { Engine } from '../../engine/engine.ts';
import { quoteName, quoteText } from '../../engine/quote.ts';
import { textList, textRow } from '../../engine/text-rows.ts';
import { engineComplaint } from '../build/model-error.ts';
import { fullName, parseFullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { BrokenCheck, Check } from './check.ts';
import { type Candidate, CheckViews } from './check-views.ts';

const SAMPLES = 5;

/**
 * Evaluates checks on the rows that a table is to have, before they are committed, and resolves those that do not hold.
 *
 * - `not_null`: no value of the columns is null.
 * - `unique`: no two rows are alike in the columns; as in SQL, rows with a null in one of them are like no other.
 * - `accepted_values`: every value that is not null is one of these, read as the column's type.
 * - `relationship`: every value that is not null is in the other table's column; that table may be the checked one.
 * - `row_count`: the table has so many rows, both bounds included.
 * - `sql`: the SELECT gives no row. It names the checked table as any other, `silver.clientes`.
 *
 * @throws IgarapeError CONFIG_INVALID where a check does not fit the table; it names both
 */
export async function runChecks(
  tables: LayerTables,
  checks: readonly Check[],
  of: Candidate,
): Promise<BrokenCheck[]> {
  if (checks.length === 0) return [];
  await using views = new CheckViews(tables, of);
  const { engine } = tables.edge;
  const rows = await views.of(of.table);
  const columns = await engine.describe(`SELECT * FROM ${rows}`);
  const plans: Plan[] = [];
  for (const check of checks)
    plans.push(await asCheck(of, check, () => plan(check, { columns, rows, views, engine })));
  return await evaluate(engine, of, rows, plans);
}

/** How a check is evaluated. */
interface Plan {
  readonly check: Check;
  /** An aggregate over the candidate, for checks that look at one row at a time: they share one pass over it. */
  readonly aggregate?: string;
  /** A SELECT of one row with the number of rows that break it. */
  readonly count?: string;
  /** A SELECT of the rows that break it; undefined where no rows do. */
  readonly rows?: string;
  /** Columns to show first. */
  readonly show: readonly string[];
  readonly breaks: (counted: number) => boolean;
}

interface Planning {
  readonly columns: readonly SqlColumn[];
  /** The candidate's view. */
  readonly rows: string;
  readonly views: CheckViews;
  readonly engine: Engine;
}

async function plan(check: Check, { columns, rows, views, engine }: Planning): Promise<Plan> {
  const { rule } = check;
  const breaks = (counted: number): boolean => counted > 0;
  switch (rule.kind) {
    case 'not_null': {
      const show = rule.columns.map((name) => find(columns, name).name);
      return {
        check,
        ...where(rows, show.map((name) => `${quoteName(name)} IS NULL`).join(' OR ')),
        show,
        breaks,
      };
    }
    case 'accepted_values': {
      const { name, type } = find(columns, rule.column);
      const values = rule.values.map((value) => `CAST(${quoteText(value)} AS ${type})`).join(', ');
      await engine.rows(`SELECT ${values === '' ? 'NULL' : values}`);
      const condition = `NOT list_contains(CAST([${values}] AS ${type}[]), ${quoteName(name)})`;
      return { check, ...where(rows, condition), show: [name], breaks };
    }
    case 'unique': {
      const show = rule.columns.map((name) => find(columns, name).name);
      const names = show.map(quoteName);
      const known = names.map((name) => `${name} IS NOT NULL`).join(' AND ');
      const clashing = `SELECT ${names.join(', ')}, count(*) AS _igarape_rows FROM ${rows} WHERE ${known} GROUP BY ALL HAVING count(*) > 1`;
      return {
        check,
        count: `SELECT coalesce(sum(_igarape_rows), 0) FROM (${clashing})`,
        rows: `SELECT * FROM ${rows} SEMI JOIN (${clashing}) USING (${names.join(', ')})`,
        show,
        breaks,
      };
    }
    case 'relationship': {
      const { name } = find(columns, rule.column);
      const table = parseFullName(rule.toTable);
      if (table === undefined) throw invalid(`${rule.toTable} is no table of bronze, silver or gold`);
      const to = await views.of(table);
      const target = find(await engine.describe(`SELECT * FROM ${to}`), rule.toColumn);
      const orphans = `SELECT * FROM ${rows} AS checked WHERE ${quoteName(name)} IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM ${to} AS named WHERE named.${quoteName(target.name)} = checked.${quoteName(name)})`;
      return { check, ...counted(orphans), show: [name], breaks };
    }
    case 'row_count':
      return {
        check,
        aggregate: 'count(*)',
        show: [],
        breaks: (count) => count < rule.min || count > rule.max,
      };
    case 'sql': {
      const select = await views.rewrite(rule.sql);
      await engine.describe(select);
      return { check, ...counted(select), show: [], breaks };
    }
  }
}

function where(rows: string, condition: string): Pick<Plan, 'aggregate' | 'rows'> {
  return {
    aggregate: `count(*) FILTER (WHERE ${condition})`,
    rows: `SELECT * FROM ${rows} WHERE ${condition}`,
  };
}

function counted(select: string): Pick<Plan, 'count' | 'rows'> {
  return { count: `SELECT count(*) FROM (${select})`, rows: select };
}

async function evaluate(
  engine: Engine,
  of: Candidate,
  rows: string,
  plans: readonly Plan[],
): Promise<BrokenCheck[]> {
  const aggregates = plans.flatMap(({ aggregate }) => aggregate ?? []);
  const pass =
    aggregates.length === 0
      ? ''
      : `SELECT ${aggregates.map((sql, index) => `${sql} AS c${index}`).join(', ')} FROM ${rows}`;
  const [shared = {}] = pass === '' ? [] : await engine.rows(pass);
  const totals = Object.values(shared);
  const broken: BrokenCheck[] = [];
  for (const { check, aggregate, count, rows: select, show, breaks } of plans) {
    await asCheck(of, check, async () => {
      const total =
        aggregate === undefined ? await onlyValue(engine, count ?? 'SELECT 0') : Number(totals.shift() ?? 0);
      if (!breaks(total)) return;
      const samples = select === undefined ? [] : await sample(engine, select, show);
      broken.push({ check, rows: total, samples });
    });
  }
  return broken;
}

async function onlyValue(engine: Engine, select: string): Promise<number> {
  const [row = {}] = await engine.rows(select);
  return Number(Object.values(row)[0] ?? 0);
}

/** The first rows in the order of their columns, so that a message is the same every time. */
async function sample(
  engine: Engine,
  select: string,
  show: readonly string[],
): Promise<BrokenCheck['samples']> {
  const names = (await engine.describe(`SELECT * FROM (${select})`)).map(({ name }) => name);
  const ordered = [...show, ...names.filter((name) => !show.includes(name))];
  const rows = await engine.rows(
    `SELECT ${textList(ordered)} AS texts FROM (SELECT * FROM (${select}) ORDER BY ALL LIMIT ${SAMPLES})`,
  );
  return rows.map(({ texts }) => textRow(ordered, texts));
}

function find(columns: readonly SqlColumn[], name: string): SqlColumn {
  const found = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const names = columns.map((column) => column.name);
  const near = closest(name, names);
  throw invalid(
    `there is no column ${name}`,
    near === undefined ? `There are: ${names.join(', ')}.` : `Is it ${near}?`,
  );
}

function invalid(message: Told, hint?: Told): IgarapeError {
  return new IgarapeError('CONFIG_INVALID', message, hint === undefined ? {} : { hint });
}

/** What is wrong with a check's own words is told with the model's name and the check's text. */
async function asCheck<T>({ table }: Candidate, check: Check, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOurs = error instanceof IgarapeError && BY_CHECK.has(error.code);
    const message = isOurs ? error.message : engineComplaint(error);
    if (message === undefined) throw error;
    throw new IgarapeError(
      'CONFIG_INVALID',
      `${fullName(table)} cannot be checked by ${check.text}: ${message.replace(/\.$/, '')}.`,
      {
        hint:
          (isOurs && error.hint !== undefined ? { quoted: error.hint } : undefined) ??
          'Correct the check in the header of the model.',
        cause: error,
      },
    );
  }
}

/** Errors that are the check's own fault, rather than the lake's. */
const BY_CHECK: ReadonlySet<string> = new Set(['CONFIG_INVALID', 'DELTA_NOT_FOUND']);
