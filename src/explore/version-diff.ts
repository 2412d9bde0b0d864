import { checkOptions, COUNT, type Kind, type Kinds, TEXT } from '../core/kinds.ts';
import { IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { alikeIn, quoteName } from '../engine/quote.ts';
import { HelperTables } from '../delta/read/relation.ts';
import { fullName, parseFullName } from '../medallion/layer.ts';
import type { LayerTables } from '../medallion/layer-tables.ts';
import { isLostFeed, netChanges, TIMES } from '../medallion/net-changes.ts';
import { VERSION_COLUMNS } from '../medallion/bronze/scd2-versions.ts';
import { projectModels } from '../pipeline/models.ts';
import { type Cell, cellList, cellsOf, type ExploredColumn } from './cells.ts';
import type { Operation } from './published.ts';
import type { LakeReader } from './reader.ts';
import { exactName } from './table-page.ts';
import { openTableAt } from './table-rows.ts';

const COUNT_OR_NULL: Kind = {
  expected: 'a whole number from 0 on',
  holds: (value) => value === null || COUNT.holds(value),
};

export interface DiffRequest {
  readonly table: string;
  /** A run, or of a layer's table a version; null is a table without rows. */
  readonly from: number | null;
  readonly to: number;
  /** At most so many rows, a hundred where it is left out. */
  readonly limit?: number;
}

export interface VersionDiff {
  readonly table: string;
  readonly from: number | null;
  readonly to: number;
  readonly columns: readonly ExploredColumn[];
  readonly counts: Readonly<Record<Operation, number>>;
  /** Deletes, updates, inserts; without a key no two rows belong together, and there are no updates. */
  readonly rows: readonly {
    readonly operation: Operation;
    readonly cells: readonly Cell[];
    readonly before: readonly Cell[] | null;
  }[];
}

const SHOWN_ROWS = 100;

/**
 * How a table differs between two runs or versions, by its key: what came and went in between and is as it was is no
 * difference.
 *
 * @throws IgarapeError USAGE, DELTA_VERSION there is no such table, run or version
 */
export async function diff(
  reader: LakeReader,
  request: DiffRequest,
  signal?: AbortSignal,
): Promise<VersionDiff> {
  const kinds: Kinds<DiffRequest> = { table: TEXT, from: COUNT_OR_NULL, to: COUNT, limit: COUNT };
  checkOptions('diff', request, kinds, ['table', 'from', 'to']);
  const { table, from, to, limit = SHOWN_ROWS } = request;
  if (from !== null && from > to) {
    throw new IgarapeError('USAGE', `${from} comes after ${to}.`, {
      hint: 'Name the older run or version as --from.',
    });
  }
  const name = await exactName(reader, table);
  return reader.dear(JSON.stringify(['diff', name, from, to, limit]), signal, async (engine, tables) => {
    const helpers = new HelperTables(engine);
    const key = await keyOf(reader, engine, name);
    const after = await openTableAt(reader, engine, tables, { table: name, at: to });
    const columns = (await engine.describe(`SELECT * FROM ${after}`))
      .filter((column) => !column.name.startsWith('_igarape'))
      .map((column) => ({ ...column, key: key.includes(column.name) }));
    const net = await netOf(reader, { engine, tables, helpers }, { name, from, to, after, columns });
    const shown = columns.map((column) => quoteName(column.name)).join(', ');
    const gone = `(SELECT ${shown} FROM ${net}, range(-${TIMES}) WHERE ${TIMES} < 0)`;
    const come = `(SELECT ${shown} FROM ${net}, range(${TIMES}) WHERE ${TIMES} > 0)`;
    // Nulls are alike in the key of a cube. Rows that nothing tells apart are paired as they come.
    const names = key.map(quoteName).join(', ');
    const nth =
      key.length === 0
        ? '0'
        : `row_number() OVER (PARTITION BY ${names} ORDER BY ${columns.map((column) => quoteName(column.name)).join(', ')})`;
    const match = key.length === 0 ? 'false' : alikeIn([...key, '_igarape_nth'], 'a', 'b');
    const paired = await helpers.createAs(
      `SELECT CASE WHEN b.there IS NULL THEN 'I' WHEN a.there IS NULL THEN 'D' ELSE 'U' END AS operation,
        ${cellList(columns, 'a.', 'c')}, ${cellList(columns, 'b.', 'b')}
        FROM (SELECT *, ${nth} AS _igarape_nth, true AS there FROM ${come}) a
        FULL JOIN (SELECT *, ${nth} AS _igarape_nth, true AS there FROM ${gone}) b ON ${match}`,
    );
    const counts = { I: 0, U: 0, D: 0 };
    for (const { operation, n } of await engine.rows(
      `SELECT operation, count(*) AS n FROM ${paired} GROUP BY operation`,
    ))
      counts[operationOf(operation)] = Number(n);
    const rows = await engine.rows(
      `SELECT * FROM ${paired} ORDER BY CASE operation WHEN 'D' THEN 1 WHEN 'U' THEN 2 ELSE 3 END, c0, b0 LIMIT ${limit}`,
    );
    return {
      table: name,
      from,
      to,
      columns,
      counts,
      rows: rows.map((row) => {
        const operation = operationOf(row['operation']);
        const [now, before] = [cellsOf(row, columns.length), cellsOf(row, columns.length, 'b')];
        return {
          operation,
          cells: operation === 'D' ? before : now,
          before: operation === 'U' ? before : null,
        };
      }),
    };
  });
}

function operationOf(value: unknown): Operation {
  return value === 'I' || value === 'D' ? value : 'U';
}

interface Opened {
  readonly engine: Engine;
  readonly tables: LayerTables;
  readonly helpers: HelperTables;
}

/** A table of the engine with the rows that come and go, and how many times; by the change feed where there is one. */
async function netOf(
  reader: LakeReader,
  { engine, tables, helpers }: Opened,
  asked: {
    readonly name: string;
    readonly from: number | null;
    readonly to: number;
    readonly after: string;
    readonly columns: readonly ExploredColumn[];
  },
): Promise<string> {
  const { name, from, to, after, columns } = asked;
  const names = columns.map((column) => column.name);
  const list = names.map(quoteName).join(', ');
  if (from === null)
    return helpers.createAs(`SELECT ${list}, count(*) AS ${TIMES} FROM ${after} GROUP BY ALL`);
  const layered = parseFullName(name);
  if (layered !== undefined && from < to) {
    try {
      const delta = await tables.require(layered);
      return (await netChanges(delta, { from: from + 1, to }, names, helpers)).name;
    } catch (error) {
      if (!isLostFeed(error)) throw error;
    }
  }
  const before = from === to ? after : await openTableAt(reader, engine, tables, { table: name, at: from });
  const own = new Set((await engine.describe(`SELECT * FROM ${before}`)).map((column) => column.name));
  const old = columns.map(({ name: column, type }) =>
    own.has(column) ? quoteName(column) : `CAST(NULL AS ${type}) AS ${quoteName(column)}`,
  );
  return helpers.createAs(
    `SELECT ${list}, CAST(sum(_igarape_sign) AS BIGINT) AS ${TIMES} FROM (
        SELECT ${list}, 1 AS _igarape_sign FROM ${after} UNION ALL SELECT ${old.join(', ')}, -1 FROM ${before})
      GROUP BY ALL HAVING ${TIMES} <> 0`,
  );
}

/** What tells a table's rows apart, of a history a row's versions; none where nothing says so. */
async function keyOf(reader: LakeReader, engine: Engine, table: string): Promise<readonly string[]> {
  const { config } = reader.project;
  const layered = parseFullName(table);
  const raw = layered?.layer === 'bronze' ? layered.name : table;
  const recorded = (await reader.runs()).newest?.tables[raw]?.primaryKey;
  const isHistory =
    layered !== undefined && config.tables.find(({ name }) => name === raw)?.history === 'scd2';
  if (recorded !== undefined) return isHistory ? [...recorded, VERSION_COLUMNS.from] : recorded;
  if (layered === undefined || layered.layer === 'bronze' || !config.layers.includes('silver')) return [];
  const { models } = await projectModels(engine, config);
  return models.find((model) => fullName(model) === table)?.header.key ?? [];
}
