import { sameName } from '../core/schema.ts';
import type { Snapshot } from '../delta/log/snapshot.ts';
import { HelperTables } from '../delta/read/relation.ts';
import { countRows } from '../engine/count-rows.ts';
import type { SqlColumn } from '../engine/sql-column.ts';
import { quoteName } from '../engine/quote.ts';
import { fullName, type LayerTable } from './layer.ts';
import type { LayerTables } from './layer-tables.ts';
import type { Model } from './models/model.ts';
import { hiddenColumns } from './build/understand.ts';
import { appliedVersion, brokenBy } from './source-identity.ts';
import { SourceViews } from './source-views.ts';
import { MODEL_PROPERTY } from './step.ts';

/** How a table of a layer compares with a full computation. */
export interface LayerVerification {
  readonly ok: boolean;
  /** How many of its rows were compared. */
  readonly rows: number;
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
  /** Why it was not compared, or not as a whole. */
  readonly note?: string;
}

/** How many dates of a gold table a sample has, and of how many keys elsewhere it has one, where there are many rows. */
const SAMPLE = { dates: 20, oneOf: 100, fromRows: 100_000 } as const;

/**
 * Compares a model's table with what its SELECT gives of the versions of its sources that the table has noted: all rows
 * are computed, date by date where the model has dates, by none of the code that keeps tables up to date.
 *
 * @param isSample Only some dates, and else the rows of some keys.
 */
export async function verifyModel(
  tables: LayerTables,
  model: Model,
  isSample: boolean,
): Promise<LayerVerification> {
  const stored = await tables.newest(model);
  if (stored === undefined) return notCompared('it does not exist yet');
  if (stored.configuration[MODEL_PROPERTY] !== model.hash)
    return notCompared('its model has changed since it was made');
  const { engine } = tables.edge;
  await using views = new SourceViews(tables);
  await using helpers = new HelperTables(engine);
  const unread = await openNoted(tables, model, stored, views);
  if (unread !== undefined) return notCompared(unread);
  const delta = await tables.require(model);
  await using rows = await delta.read({ at: stored.version });
  const { columns } = rows;
  if (model.header.dateColumn !== undefined)
    return await verifyDates(tables, model, { sql: rows.sql, columns }, { isSample, views, helpers });
  const all = `SELECT DISTINCT ${columns.map(typed).join(', ')} FROM (${model.sql})`;
  const isMany = ((await delta.describe(stored.version)).rows ?? Infinity) >= SAMPLE.fromRows;
  const isSome = isSample && isMany;
  const chosen = isSome ? ` WHERE ${sampled(model.header.key)}` : '';
  const sides = {
    stored: await helpers.createAs(`SELECT * FROM (${rows.sql})${chosen}`),
    computed: await helpers.createAs(`SELECT * FROM (${all})${chosen}`),
  };
  return await compared(tables, columns, sides, isSome ? `1 in ${SAMPLE.oneOf} of its keys` : undefined);
}

/**
 * Compares a table of bronze, or a seed's, with the rows that it is made of.
 *
 * @param base SQL of these rows, with the table's own columns.
 */
export async function verifyRows(
  tables: LayerTables,
  table: LayerTable,
  base: string,
  columns: readonly string[],
): Promise<LayerVerification> {
  const { engine } = tables.edge;
  const delta = await tables.require(table);
  await using helpers = new HelperTables(engine);
  await using rows = await delta.read();
  const own = rows.columns.filter((column) => columns.some((each) => sameName(each, column.name)));
  const isHistory = rows.columns.some((column) => column.name === 'is_current');
  const list = own.map((column) => quoteName(column.name)).join(', ');
  const sides = {
    stored: await helpers.createAs(
      `SELECT ${list} FROM (${rows.sql})${isHistory ? ' WHERE is_current' : ''}`,
    ),
    computed: await helpers.createAs(`SELECT ${own.map(typed).join(', ')} FROM (${base})`),
  };
  return await compared(tables, own, sides, isHistory ? 'its current versions' : undefined);
}

export function notCompared(note: string): LayerVerification {
  return { ok: true, rows: 0, problems: [], note };
}

/** Opens the sources at the versions that a table has noted; why they cannot be, where that is so. */
async function openNoted(
  tables: LayerTables,
  model: Model,
  stored: Snapshot,
  views: SourceViews,
): Promise<string | undefined> {
  for (const source of model.sources) {
    const name = fullName(source);
    const at = appliedVersion(stored, name);
    const newest = await tables.newest(source);
    if (at === undefined || newest === undefined) return `it has noted no version of ${name}`;
    const broken = brokenBy(stored, name, newest);
    if (broken !== undefined) return broken;
    try {
      await views.open(source, { at, without: hiddenColumns(source, model) });
    } catch (error) {
      return `version ${at} of ${name} can no longer be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
  return undefined;
}

const WHOLE = '_igarape_whole';
const FOR = '_igarape_for';

/** Each date for itself: its SELECT, with the date written into it, over the rows of the date's window. */
async function verifyDates(
  tables: LayerTables,
  model: Model,
  stored: { readonly sql: string; readonly columns: readonly SqlColumn[] },
  {
    isSample,
    views,
    helpers,
  }: { readonly isSample: boolean; readonly views: SourceViews; readonly helpers: HelperTables },
): Promise<LayerVerification> {
  const { engine } = tables.edge;
  const { source, day } = await dayOf(tables, model);
  const at = appliedVersion(await (await tables.require(model)).snapshot(), fullName(source));
  await views.open(source, { schema: WHOLE, ...(at === undefined ? {} : { at }) });
  const name = quoteName(source.name);
  const { windowDays } = model.header;
  const days = `SELECT DISTINCT ${day} AS day FROM ${WHOLE}.${name} WHERE isfinite(${day})`;
  const dates = await helpers.createAs(
    `SELECT DISTINCT CAST(day + CAST(step AS INTEGER) AS DATE) AS date FROM (${days}), range(${windowDays}) AS r(step) WHERE date <= (SELECT max(day) FROM (${days}))`,
  );
  const wanted = await engine.rows(
    `SELECT CAST(date AS VARCHAR) AS date FROM ${dates} ORDER BY ${isSample ? `hash(date) LIMIT ${SAMPLE.dates}` : 'date'}`,
  );
  let computed: string | undefined;
  for (const row of wanted) {
    const date = `DATE '${String(row['date'])}'`;
    await engine.run(
      `CREATE OR REPLACE VIEW ${source.layer}.${name} AS SELECT * FROM ${WHOLE}.${name} WHERE ${day} BETWEEN ${date} - ${windowDays - 1} AND ${date}`,
    );
    const select = `SELECT ${date} AS ${FOR}, * FROM (${model.sql.replaceAll(/\$dt_ref\b/gi, date)})`;
    if (computed === undefined) computed = await helpers.createAs(select);
    else await engine.run(`INSERT INTO ${computed} ${select}`);
  }
  const shown = stored.columns.map(({ name: column, type }) => {
    if (sameName(column, 'dt_ref')) return `${FOR} AS ${quoteName(column)}`;
    if (column === 'dt_ref_month') return `CAST(date_trunc('month', ${FOR}) AS DATE) AS ${column}`;
    return typed({ name: column, type });
  });
  const some = isSample ? ` WHERE dt_ref IN (SELECT DISTINCT ${FOR} FROM ${computed ?? dates})` : '';
  const sides = {
    stored: await helpers.createAs(`SELECT * FROM (${stored.sql})${computed === undefined ? '' : some}`),
    computed: await helpers.createAs(
      computed === undefined
        ? `SELECT * FROM (${stored.sql}) WHERE false`
        : `SELECT ${model.header.key.length > 0 ? 'DISTINCT ' : ''}${shown.join(', ')} FROM ${computed}`,
    ),
  };
  const found = await compared(
    tables,
    stored.columns,
    sides,
    isSample ? `${wanted.length} of its dates` : undefined,
  );
  const [odd] = await engine.rows(
    `SELECT count(*) AS n, CAST(min(dt_ref) AS VARCHAR) AS date FROM (SELECT DISTINCT dt_ref FROM (${stored.sql}) EXCEPT SELECT date FROM ${dates})`,
  );
  if (Number(odd?.['n'] ?? 0) === 0 || !isSample) return found;
  const problem = `it has rows of ${String(odd?.['n'])} dates that are none, for example ${String(odd?.['date'])}`;
  return { ...found, ok: false, problems: [...found.problems, problem] };
}

async function dayOf(
  { edge: { engine } }: LayerTables,
  { header, sources }: Model,
): Promise<{ readonly source: LayerTable; readonly day: string }> {
  for (const source of sources) {
    const wanted = header.dateColumn;
    if (wanted?.table !== undefined && fullName(wanted.table) !== fullName(source)) continue;
    const columns = await engine.describe(`SELECT * FROM ${source.layer}.${quoteName(source.name)}`);
    const column = columns.find(({ name }) => wanted !== undefined && sameName(name, wanted.column));
    if (column === undefined) continue;
    const name = quoteName(column.name);
    const isZoned = column.type === 'TIMESTAMP WITH TIME ZONE';
    return { source, day: `CAST(${isZoned ? `timezone('UTC', ${name})` : name} AS DATE)` };
  }
  throw new RangeError('A gold table has dates of one of its sources.');
}

function typed({ name, type }: SqlColumn): string {
  return `CAST(${quoteName(name)} AS ${type}) AS ${quoteName(name)}`;
}

function sampled(key: readonly string[]): string {
  return `hash(${key.map(quoteName).join(', ')}) % ${SAMPLE.oneOf} = 0`;
}

/** Sums of floating numbers depend on their order: digits beyond these are no difference. */
const FLOAT_FORMATS = ['%.9e', '%.7e'] as const;

async function compared(
  { edge: { engine } }: LayerTables,
  columns: readonly SqlColumn[],
  { stored, computed }: { readonly stored: string; readonly computed: string },
  note: string | undefined,
): Promise<LayerVerification> {
  const rows = await countRows(engine, stored);
  const isRounded = columns.some(({ type }) => FLOAT.test(type));
  let differing = '';
  let times = 0;
  // What is rounded one way may fall on two sides of a border; what differs is rounded apart in every way.
  for (const format of isRounded ? FLOAT_FORMATS : FLOAT_FORMATS.slice(0, 1)) {
    const list = columns.map(({ name, type }) => {
      const column = quoteName(name);
      return FLOAT.test(type) ? `printf('${format}', CAST(${column} AS DOUBLE) + 0) AS ${column}` : column;
    });
    const [left, right] = [stored, computed].map((table) => `SELECT ${list.join(', ')} FROM ${table}`);
    differing = `(${left} EXCEPT ALL ${right}) UNION ALL (${right} EXCEPT ALL ${left})`;
    times = await countRows(engine, `(${differing})`);
    if (times === 0) break;
  }
  const kept = note === undefined ? {} : { note };
  if (times === 0) return { ok: true, rows, problems: [], ...kept };
  const [example = {}] = await engine.rows(
    `SELECT CAST(d AS VARCHAR) AS text FROM (${differing}) AS d ORDER BY 1 LIMIT 1`,
  );
  const problem = `${times} ${times === 1 ? 'row differs' : 'rows differ'} between the table and a full computation, for example ${String(example['text'])}`;
  return { ok: false, rows, problems: [problem], ...kept };
}

const FLOAT = /^(?:DOUBLE|FLOAT)$/;
