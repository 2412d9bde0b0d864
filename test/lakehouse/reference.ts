import { join } from 'node:path';
import { DeltaTable } from '../../src/delta/table.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { quoteName } from '../../src/engine/quote.ts';
import type { DrawnModel } from './drawn-models.ts';

/** What a table of a lake on this disk holds, in the columns and types that it has. */
export interface Stored {
  readonly version: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** As texts, sorted. */
  readonly rows: readonly string[];
}

/** A plain way to what the tables of a lake should hold: every SELECT over the whole of its sources. */
export class Reference {
  readonly #engine: Engine;
  readonly #lake: string;

  private constructor(engine: Engine, lake: string) {
    this.#engine = engine;
    this.#lake = lake;
  }

  static async of(engine: Engine, lake: string): Promise<Reference> {
    for (const schema of ['bronze', 'silver', 'gold'])
      await engine.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    return new Reference(engine, lake);
  }

  async open(name: string): Promise<DeltaTable | undefined> {
    return DeltaTable.open(join(this.#lake, ...name.split('.')), { engine: this.#engine }).catch(
      () => undefined,
    );
  }

  /** Reads a table, and keeps its rows under its name for the SELECTs of models. */
  async load(name: string): Promise<Stored | undefined> {
    await this.#engine.run(`DROP TABLE IF EXISTS ${name}`);
    await using table = await this.open(name);
    if (table === undefined) return undefined;
    const { version } = await table.snapshot();
    await using found = await table.read();
    const columns = found.columns.filter((column) => !METADATA.has(column.name));
    await this.#engine.run(
      `CREATE TABLE ${name} AS SELECT ${columns.map((column) => quoteName(column.name)).join(', ')} FROM (${found.sql})`,
    );
    return { version, columns, rows: await this.#texts(`SELECT * FROM ${name}`) };
  }

  /** The rows that a table's change feed makes, from its first version on; undefined where its columns do not allow it. */
  async replayed(name: string): Promise<readonly string[] | undefined> {
    await using table = await this.open(name);
    if (table === undefined) return undefined;
    try {
      await using feed = await table.changes({ from: 0 });
      const list = feed.columns
        .filter((column) => !METADATA.has(column.name) && !column.name.startsWith('_c'))
        .map((column) => quoteName(column.name))
        .join(', ');
      const sign = `CASE WHEN _change_type IN ('insert', 'update_postimage') THEN 1 ELSE -1 END`;
      return await this.#texts(
        `SELECT ${list} FROM (SELECT ${list}, CAST(sum(${sign}) AS BIGINT) AS copies_ FROM (${feed.sql}) GROUP BY ALL HAVING copies_ <> 0), range(abs(copies_))`,
      );
    } catch (error) {
      if (String(error).includes('columns')) return undefined;
      throw error;
    }
  }

  /** The last run of the ledger that a bronze table says it has applied. */
  async appliedRun(name: string): Promise<number> {
    await using table = await this.open(name);
    const noted = (await table?.snapshot())?.state.transactions.get('igarape:ledger');
    return noted === undefined ? -1 : Number(noted.version);
  }

  /** What a model's table should hold over the tables that are loaded; in the columns and types of `as`. */
  async rows(model: DrawnModel, as: Stored): Promise<readonly string[]> {
    const select = await this.#select(model);
    const names = (await this.#engine.describe(select)).map(({ name }) => name);
    const missing = as.columns.filter(({ name }) => !names.includes(name)).map(({ name }) => name);
    if (missing.length > 0 || names.length !== as.columns.length)
      throw new Error(`${model.name} has ${as.columns.map(({ name }) => name).join()}, not ${names.join()}`);
    const typed = as.columns.map(
      ({ name, type }) => `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`,
    );
    return this.#texts(
      `SELECT ${model.dates === undefined ? 'DISTINCT ' : ''}${typed.join(', ')} FROM (${select})`,
    );
  }

  /** True where a model's rows break its key or its checks. */
  async isBroken(model: DrawnModel): Promise<boolean> {
    const select = await this.#select(model);
    const key = model.key.map(quoteName).join(', ');
    const isGold = model.dates !== undefined;
    const ofDate = isGold && !model.key.includes('dt_ref') ? `dt_ref, ${key}` : key;
    const nulls = [...(isGold ? [] : model.key), ...model.notNull].map(
      (name) => `${quoteName(name)} IS NULL`,
    );
    const queries = [
      `SELECT 1 FROM (SELECT ${isGold ? '' : 'DISTINCT '}* FROM (${select})) GROUP BY ${ofDate} HAVING count(*) > 1 LIMIT 1`,
      ...(nulls.length === 0 ? [] : [`SELECT 1 FROM (${select}) WHERE ${nulls.join(' OR ')} LIMIT 1`]),
    ];
    for (const query of queries) if ((await this.#engine.rows(query)).length > 0) return true;
    return false;
  }

  async #select({ text, dates }: DrawnModel): Promise<string> {
    if (dates === undefined) return text;
    const { table, column, windowDays } = dates;
    const days = await this.#engine.rows(
      `SELECT DISTINCT CAST(${column} AS VARCHAR) AS day FROM ${table} WHERE ${column} IS NOT NULL ORDER BY 1`,
    );
    const seen = datesOf(
      days.map(({ day }) => String(day)),
      windowDays,
    );
    const ofDate = (date: string): string => {
      const rows = `(SELECT * FROM ${table} WHERE ${column} BETWEEN DATE '${date}' - ${windowDays - 1} AND DATE '${date}')`;
      const sql = text
        .replaceAll(/^--.*$/gm, '')
        .replaceAll(table, rows)
        .replaceAll('$dt_ref', `DATE '${date}'`);
      return `SELECT * FROM (${sql})`;
    };
    const hasDate = /\$dt_ref AS dt_ref/.test(text);
    const added = (date: string): string =>
      hasDate ? ofDate(date) : `SELECT DATE '${date}' AS dt_ref, * FROM (${ofDate(date)})`;
    return seen.length === 0 ? `${added('2000-01-01')} LIMIT 0` : seen.map(added).join('\nUNION ALL ');
  }

  async #texts(select: string): Promise<string[]> {
    const rows = await this.#engine.rows(
      `SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${select.trimEnd().replace(/^((?:--.*\n)+)/, '')})`,
    );
    return rows
      .map((row) =>
        JSON.stringify(Object.fromEntries(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)))),
      )
      .toSorted();
  }
}

const METADATA = new Set([
  '_igarape_run',
  '_cdc_timestamp',
  '_change_type',
  '_commit_version',
  '_commit_timestamp',
]);
const DAY_MS = 86_400_000;

/** The dates in whose window is a day, up to the last day. */
function datesOf(days: readonly string[], windowDays: number): string[] {
  const last = days.at(-1);
  if (last === undefined) return [];
  const dates = new Set<string>();
  for (const day of days) {
    for (let step = 0; step < windowDays; step += 1) {
      const date = new Date(Date.parse(day) + step * DAY_MS).toISOString().slice(0, 10);
      if (date <= last) dates.add(date);
    }
  }
  return [...dates].toSorted();
}
