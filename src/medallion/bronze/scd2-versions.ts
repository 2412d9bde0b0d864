import { type Schema, sqlType } from '../../core/schema.ts';
import type { HelperTables } from '../../delta/read/relation.ts';
import type { DeltaTable } from '../../delta/table.ts';
import type { Engine } from '../../engine/engine.ts';
import { equalIn, quoteName } from '../../engine/quote.ts';
import { BRONZE_COLUMNS } from '../source-views.ts';
import { bronzeColumns, CHANGE, typedColumns } from './columns.ts';

/** Columns that tell when a version of a row counts. */
export const VERSION_COLUMNS = { from: 'valid_from', to: 'valid_to', current: 'is_current' } as const;

/** True for an open version of the table that is to be closed; false for a new one. */
export const CLOSES = '_igarape_closes';

/** Part of a batch, in the order of the ledger. */
export interface Scd2Step {
  /** The rows of a `full-load` are all that there are then: whatever else is open closes. */
  readonly kind: 'full-load' | 'changes';
  /** SQL: rows in the columns of `changesQuery`. */
  readonly rows: string;
  /** When what a full-load lacks closes: microseconds since 1970, UTC. */
  readonly atMicros: bigint;
}

/** What versions are computed from. */
export interface Scd2Changes {
  readonly schema: Schema;
  readonly key: readonly string[];
  readonly steps: readonly Scd2Step[];
}

/**
 * Computes what changes make of a table's open versions. The outcome is a table of the engine: the table's columns,
 * {@link VERSION_COLUMNS}, those of bronze, and {@link CLOSES}.
 *
 * @param before The table; undefined for one that has no versions.
 */
export async function versionsOf(
  engine: Engine,
  helpers: HelperTables,
  changes: Scd2Changes,
  before: DeltaTable | undefined,
): Promise<string> {
  const [first, second] = changes.steps;
  if (before === undefined && first?.kind === 'full-load' && second === undefined)
    return helpers.createAs(firstVersions(changes, first));
  const events = await helpers.create(
    [
      ...changes.schema.map(({ name, type }) => `${quoteName(name)} ${sqlType(type)}`),
      `${BRONZE_COLUMNS.run} BIGINT, ${BRONZE_COLUMNS.timestamp} TIMESTAMPTZ`,
      `${EVENT.isDelete} BOOLEAN, ${EVENT.step} INTEGER, ${EVENT.order} BIGINT, ${EVENT.since} TIMESTAMPTZ`,
    ].join(', '),
  );
  const own = bronzeColumns(changes.schema);
  for (const [step, { rows }] of changes.steps.entries()) {
    await engine.run(
      `INSERT INTO ${events} SELECT ${own.map(quoteName).join(', ')}, ${CHANGE.operation} = 'D', ${step}, ${CHANGE.order}, ${BRONZE_COLUMNS.timestamp} FROM (${rows})`,
    );
  }
  if (before !== undefined) await addOpenVersions(engine, events, changes, before);
  await addMissing(engine, events, changes);
  return helpers.createAs(versionsQuery(changes, events));
}

/** Columns of the table of events, beside the table's own and bronze's. */
const EVENT = {
  isDelete: '_igarape_deletes',
  /** The step's index; -1 for the version that was open before. */
  step: '_igarape_step',
  order: '_igarape_order',
  since: '_igarape_since',
} as const;

const OPEN = -1;

/** The open versions of keys that the batch touches; of all, where it may close any. */
async function addOpenVersions(
  engine: Engine,
  events: string,
  { schema, key, steps }: Scd2Changes,
  before: DeltaTable,
): Promise<void> {
  await using rows = await before.read({ where: VERSION_COLUMNS.current });
  const own = typedColumns(schema, rows.columns, 'r.');
  const added = [
    BRONZE_COLUMNS.run,
    BRONZE_COLUMNS.timestamp,
    'false',
    String(OPEN),
    '0',
    VERSION_COLUMNS.from,
  ];
  const isTouched = steps.some(({ kind }) => kind === 'full-load')
    ? ''
    : `SEMI JOIN ${events} AS e ON ${equalIn(key, 'r', 'e')}`;
  await engine.withJoinsAsWritten(() =>
    engine.run(
      `INSERT INTO ${events} SELECT ${[...own, ...added].join(', ')} FROM (${rows.sql}) AS r ${isTouched}`,
    ),
  );
}

/** A full-load deletes every key that was seen before it and that it lacks. */
async function addMissing(
  engine: Engine,
  events: string,
  { schema, key, steps }: Scd2Changes,
): Promise<void> {
  const columns = schema.map(({ name }) => (key.includes(name) ? `k.${quoteName(name)}` : 'NULL'));
  const keyList = key.map(quoteName).join(', ');
  for (const [step, { kind, atMicros }] of steps.entries()) {
    if (kind !== 'full-load') continue;
    const at = `make_timestamptz(${atMicros})`;
    await engine.run(`INSERT INTO ${events}
      SELECT ${columns.join(', ')}, NULL, ${at}, true, ${step}, -1, ${at}
      FROM (SELECT DISTINCT ${keyList} FROM ${events} WHERE ${EVENT.step} < ${step}) AS k
      ANTI JOIN (SELECT ${keyList} FROM ${events} WHERE ${EVENT.step} = ${step}) AS f ON ${equalIn(key, 'k', 'f')}`);
  }
}

/** SQL: what a full-load alone leaves. */
function firstVersions({ schema }: Scd2Changes, { rows }: Scd2Step): string {
  const { from, to, current } = VERSION_COLUMNS;
  return `SELECT ${bronzeColumns(schema).map(quoteName).join(', ')}, ${BRONZE_COLUMNS.timestamp} AS ${from}, CAST(NULL AS TIMESTAMPTZ) AS ${to}, true AS ${current}, false AS ${CLOSES}
    FROM (${rows})`;
}

/** SQL: new versions, and open ones that end. */
function versionsQuery({ schema, key }: Scd2Changes, events: string): string {
  const { isDelete, step, order, since } = EVENT;
  const { from, to, current } = VERSION_COLUMNS;
  const ofKey = `PARTITION BY ${key.map(quoteName).join(', ')} ORDER BY ${step}, ${order}`;
  const values = schema.filter(({ name }) => !key.includes(name)).map(({ name }) => quoteName(name));
  // Null for no row; the leading true tells a row of nulls, or of a key alone, from that.
  const state = `CASE WHEN NOT ${isDelete} THEN row(${['true', ...values].join(', ')}) END`;
  const own = bronzeColumns(schema);
  return `WITH
    states AS (SELECT *, ${state} AS _igarape_state FROM ${events}),
    compared AS (SELECT *, lag(_igarape_state) OVER (${ofKey}) AS _igarape_before FROM states),
    changed AS (
      SELECT * EXCLUDE (_igarape_before, _igarape_state), max(${since}) OVER (${ofKey} ROWS UNBOUNDED PRECEDING) AS ${from}
      FROM compared WHERE ${step} = ${OPEN} OR _igarape_state IS DISTINCT FROM _igarape_before),
    followed AS (
      SELECT *, lead(${from}) OVER (${ofKey}) AS ${to}, lead(${step}) OVER (${ofKey}) IS NULL AS ${current} FROM changed)
    SELECT ${own.map(quoteName).join(', ')}, ${from}, ${to}, ${current}, ${step} = ${OPEN} AS ${CLOSES}
    FROM followed WHERE NOT ${isDelete} AND NOT (${step} = ${OPEN} AND ${current})`;
}
