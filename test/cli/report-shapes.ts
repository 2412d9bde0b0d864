import { z } from 'zod';

const count = z.int().nonnegative();
const counts = { inserted: count, updated: count, deleted: count, unchanged: count };
const source = z.strictObject({ id: z.string(), version: z.string(), time: z.iso.datetime().optional() });

const typeChange = z.strictObject({
  name: z.string(),
  from: z.string(),
  to: z.string(),
  sample: z.string().optional(),
});
const row = z.record(z.string(), z.string().nullable());
const sample = z.strictObject({
  operation: z.enum(['I', 'U', 'D']),
  row,
  before: row.optional(),
  changed: z.array(z.string()).optional(),
});
const message = z.string();
const names = z.array(z.string());
const guard = z.union([
  z.strictObject({
    rule: z.enum(['mass-delete', 'mass-update']),
    rows: count,
    of: count,
    limit: z.number(),
    message,
  }),
  z.strictObject({ rule: z.literal('empty-table'), before: count.nullable(), message }),
  z.strictObject({ rule: z.enum(['cut-file', 'empty-file']), files: names, message }),
  z.strictObject({
    rule: z.literal('type-change'),
    columns: z.array(typeChange),
    losesDigits: z.boolean(),
    message,
  }),
  z.strictObject({ rule: z.literal('dropped-column'), columns: names, message }),
  z.strictObject({ rule: z.literal('changed-key'), from: names, to: names, message }),
  z.strictObject({
    rule: z.literal('frozen-schema'),
    added: names,
    widened: z.array(typeChange),
    message,
  }),
]);
const heldBack = z.strictObject({
  guards: z.array(guard).min(1),
  counts: z.strictObject(counts).nullable(),
  samples: z.array(sample),
});

const tableReport = z.strictObject({
  operation: z.enum(['full-load', 'cdc', 'unchanged', 'held', 'failed']),
  ...counts,
  file: z
    .string()
    .regex(/^(?:full-load|cdc)\/.+\.parquet$/)
    .nullable(),
  bytes: count,
  reason: z.string().optional(),
  code: z.string().optional(),
  rejected: z.number().optional(),
  held: heldBack.optional(),
});

export const layerReport = z.strictObject({
  operation: z.enum(['created', 'updated', 'rebuilt', 'unchanged', 'held', 'failed', 'skipped']),
  inserted: count,
  updated: count,
  deleted: count,
  version: count.nullable(),
  cost: z.strictObject({ changed: count, reads: count, whole: count }).optional(),
  engine: z.literal('spark').optional(),
  statements: count.optional(),
  reason: z.string().optional(),
  code: z.string().optional(),
});

export const runReport = z.strictObject({
  run: count.nullable(),
  source: source.nullable(),
  tables: z.record(z.string(), tableReport),
  layers: z.record(z.string(), layerReport).optional(),
});

export const planReport = z.strictObject({
  source: source.nullable(),
  tables: z.record(
    z.string(),
    z.strictObject({
      ...tableReport.omit({ bytes: true, held: true }).shape,
      key: z.array(z.string()),
      guards: z.array(guard),
      schema: z.strictObject({
        added: z.array(z.looseObject({ name: z.string(), type: z.string() })),
        widened: z.array(typeChange),
        retyped: z.array(typeChange),
        dropped: z.array(z.string()),
      }),
      samples: z.array(sample),
    }),
  ),
  layers: z
    .record(
      z.string(),
      z.strictObject({
        operation: z.enum(['create', 'update', 'rebuild', 'unchanged', 'skipped']),
        engine: z.literal('spark').optional(),
        reason: z.string().optional(),
        code: z.string().optional(),
        newFiles: count.optional(),
      }),
    )
    .optional(),
});

export const verifyReport = z.strictObject({
  ok: z.boolean(),
  runs: count,
  tables: z.record(
    z.string(),
    z.strictObject({ ok: z.boolean(), rows: count, files: count, problems: z.array(z.string()) }),
  ),
  layers: z
    .record(
      z.string(),
      z.strictObject({
        ok: z.boolean(),
        rows: count,
        problems: z.array(z.string()),
        note: z.string().optional(),
      }),
    )
    .optional(),
});

export const errorReport = z.strictObject({
  error: z.strictObject({
    code: z.string().regex(/^[A-Z_]+$/),
    message: z.string().min(1),
    hint: z.string().nullable(),
  }),
});

export const backfillReport = z.strictObject({
  from: z.string(),
  resumedAfter: z.string().nullable(),
  versions: z.array(
    z.union([
      z.strictObject({ version: z.string(), ...runReport.shape }),
      z.strictObject({ version: z.string(), ...errorReport.shape }),
    ]),
  ),
});

/** Lines of JSON, as a log has them. */
export function linesOf(text: string): Record<string, unknown>[] {
  const lines = text.trim().split('\n');
  return lines.map((line) => z.record(z.string(), z.unknown()).parse(JSON.parse(line)));
}

/** The only document of an output, in its shape. */
export function documentOf<T>(stdout: string, shape: z.ZodType<T>): T {
  return shape.parse(JSON.parse(stdout));
}
