import * as z from 'zod';
import { type ErrorCode, isErrorCode } from '../../core/errors.ts';
import { isColumnType, type ColumnType } from '../../core/schema.ts';
import { tableReport } from '../../lake/ledger-codec.ts';
import type { LayerReport } from '../../medallion/report.ts';
import type { ReportedSource, TableResult } from '../report.ts';

/** A cycle of a lake, whether it committed something or not. Times are ISO 8601, UTC. */
export interface CycleRecord {
  readonly startedAt: string;
  readonly endedAt: string;
  readonly exitCode: number;
  /** The machine that it ran on. */
  readonly host: string;
  /** Name and version of the program. */
  readonly writer: string;
  /** The runs that it committed, oldest first: one a date, where tables have dates; often none. */
  readonly runs: readonly number[];
  readonly source: ReportedSource | null;
  /** In the order in which they began. */
  readonly steps: readonly { readonly name: CycleStep; readonly durationMs: number }[];
  /** What it reported of each table of the source. */
  readonly tables: Readonly<Record<string, TableResult & Timed>>;
  /** Tables of the layers by full name; left out where the configuration names no layers. */
  readonly layers?: Readonly<Record<string, LayerReport & Timed>>;
  /** What ended it; null where it came to its end. */
  readonly error: { readonly code: string; readonly message: string; readonly hint: string | null } | null;
}

/** Finding what is new, comparing and staging tables, committing and publishing, bringing the layers up. */
export type CycleStep = 'source' | 'compare' | 'publish' | 'layers';

export interface Timed {
  /** How long the cycle was busy with the table, its upkeep included. */
  readonly durationMs: number;
}

const count = z.number();
const names = z.array(z.string());
const counts = { inserted: count, updated: count, deleted: count };
const timed = { durationMs: count };
const typeChanges = z.array(
  z.object({
    name: z.string(),
    from: z.custom<ColumnType>(isColumnType),
    to: z.custom<ColumnType>(isColumnType),
    sample: z.string().exactOptional(),
  }),
);
const row = z.record(z.string(), z.string().nullable());
const said = { message: z.string() };

const guard = z.union([
  z.object({ rule: z.enum(['mass-delete', 'mass-update']), rows: count, of: count, limit: count, ...said }),
  z.object({ rule: z.literal('empty-table'), before: count.nullable(), ...said }),
  z.object({ rule: z.enum(['cut-file', 'empty-file']), files: names, ...said }),
  z.object({ rule: z.literal('type-change'), columns: typeChanges, losesDigits: z.boolean(), ...said }),
  z.object({ rule: z.literal('dropped-column'), columns: names, ...said }),
  z.object({ rule: z.literal('changed-key'), from: names, to: names, ...said }),
  z.object({ rule: z.literal('frozen-schema'), added: names, widened: typeChanges, ...said }),
]);

const comparedBy = z.union([
  z.object({ engine: z.literal('spark'), statements: count }),
  z.object({ engine: z.literal('duckdb'), reason: z.string() }),
]);

const tableResult = tableReport.and(
  z.object({
    ...timed,
    comparedBy: comparedBy.exactOptional(),
    held: z
      .object({
        guards: z.array(guard),
        counts: z.object({ ...counts, unchanged: count }).nullable(),
        samples: z.array(
          z.object({
            operation: z.enum(['I', 'U', 'D']),
            row,
            before: row.exactOptional(),
            changed: names.exactOptional(),
          }),
        ),
      })
      .exactOptional(),
  }),
);

const layerReport = z.object({
  ...counts,
  ...timed,
  operation: z.enum(['created', 'updated', 'rebuilt', 'unchanged', 'held', 'failed', 'skipped']),
  version: count.nullable(),
  cost: z.object({ changed: count, reads: count, whole: count }).exactOptional(),
  engine: z.literal('spark').exactOptional(),
  statements: count.exactOptional(),
  reason: z.string().exactOptional(),
  code: z.custom<ErrorCode>(isErrorCode).exactOptional(),
});

const record: z.ZodType<CycleRecord> = z.object({
  startedAt: z.string(),
  endedAt: z.string(),
  exitCode: count,
  host: z.string(),
  writer: z.string(),
  runs: z.array(count),
  source: z.object({ id: z.string(), version: z.string(), time: z.string().exactOptional() }).nullable(),
  steps: z.array(z.object({ name: z.enum(['source', 'compare', 'publish', 'layers']), durationMs: count })),
  tables: z.record(z.string(), tableResult),
  layers: z.record(z.string(), layerReport).exactOptional(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
});

/** Undefined for what is no record that this version understands. */
export function decodeCycle(bytes: Uint8Array): CycleRecord | undefined {
  try {
    return record.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}
