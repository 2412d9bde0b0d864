import { quoteText } from '../../../src/engine/quote.ts';
import { applyScd2 } from '../../../src/medallion/bronze/scd2.ts';
import type { Scd2Step } from '../../../src/medallion/bronze/scd2-versions.ts';
import type { LayerTables } from '../../../src/medallion/layer-tables.ts';
import type { LayerReport } from '../../../src/medallion/report.ts';

/** A change of a row of the tests' table, `at` whole seconds since 1970. */
export interface Change {
  readonly op: 'I' | 'U' | 'D';
  readonly id: number;
  readonly v: string | null;
  readonly at: number;
}

export type Step =
  | { readonly kind: 'changes'; readonly changes: readonly Change[] }
  | { readonly kind: 'full-load'; readonly at: number; readonly rows: ReadonlyMap<number, string | null> };

export const HISTORY = { layer: 'bronze', name: 'h' } as const;

export const SCHEMA = [
  { name: 'id', type: 'bigint' },
  { name: 'v', type: 'text' },
] as const;

/** Applies steps in one commit, as the batch of this number. */
export async function applySteps(
  tables: LayerTables,
  run: number,
  steps: readonly Step[],
  more: { readonly anew?: string } = {},
): Promise<LayerReport> {
  return applyScd2(tables, HISTORY, {
    schema: SCHEMA,
    key: ['id'],
    steps: steps.map((step) => stepOf(step, run)),
    app: { appId: 'igarape:ledger', version: BigInt(run) },
    anew: undefined,
    rekeyed: undefined,
    ...more,
  });
}

function stepOf(step: Step, run: number): Scd2Step {
  if (step.kind === 'changes') {
    const rows = step.changes.map(
      ({ op, id, v, at }, index) => `(${id}, ${textOf(v)}, ${run}, ${at}, '${op}', ${index})`,
    );
    return { kind: step.kind, rows: rowsSql(rows), atMicros: BigInt(step.changes.at(-1)?.at ?? 0) * SECOND };
  }
  const rows = [...step.rows].map(([id, v]) => `(${id}, ${textOf(v)}, ${run}, ${step.at}, 'I', 0)`);
  return { kind: step.kind, rows: rowsSql(rows), atMicros: BigInt(step.at) * SECOND };
}

const SECOND = 1_000_000n;

function textOf(value: string | null): string {
  return value === null ? 'NULL' : quoteText(value);
}

function rowsSql(rows: readonly string[]): string {
  const values = rows.length === 0 ? `(0, '', 0, 0, '', 0)` : rows.join(', ');
  return `SELECT id::BIGINT AS id, v::VARCHAR AS v, run::BIGINT AS _igarape_run, make_timestamptz(s::BIGINT * 1000000) AS _cdc_timestamp,
    op AS _igarape_operation, n::BIGINT AS _igarape_order FROM (VALUES ${values}) AS r(id, v, run, s, op, n)${rows.length === 0 ? ' WHERE false' : ''}`;
}

/** Every version as `id v from to run`, in whole seconds; `open` where it has no end. */
export async function versionLines(tables: LayerTables): Promise<string[]> {
  return (await versions(tables)).map(
    ({ id, v, from, to, run }) => `${id} ${v} ${from} ${to ?? 'open'} ${run}`,
  );
}

export interface Version {
  readonly id: number;
  readonly v: string | null;
  readonly from: number;
  readonly to: number | null;
  readonly isCurrent: boolean;
  readonly run: number;
}

/** Every version in the order of keys and times. */
export async function versions(tables: LayerTables): Promise<Version[]> {
  const rows = await (await tables.require(HISTORY)).read();
  try {
    const found = await tables.edge.engine.rows(
      `SELECT id::INTEGER AS id, v, epoch(valid_from) AS "from", epoch(valid_to) AS "to", is_current, _igarape_run::INTEGER AS run
        FROM (${rows.sql}) ORDER BY id, valid_from, valid_to NULLS LAST, _igarape_run`,
    );
    return found.map(({ id, v, from, to, is_current, run }) => ({
      id: Number(id),
      v: typeof v === 'string' ? v : null,
      from: Number(from),
      to: to === null ? null : Number(to),
      isCurrent: is_current === true,
      run: Number(run),
    }));
  } finally {
    await rows.close();
  }
}
