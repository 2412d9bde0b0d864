import { z } from 'zod';

const count = z.int().nonnegative();
const counts = { inserted: count, updated: count, deleted: count, unchanged: count };
const source = z.strictObject({ id: z.string(), version: z.string(), time: z.iso.datetime().optional() });

const tableReport = z.strictObject({
  operation: z.enum(['full-load', 'cdc', 'unchanged', 'held', 'failed']),
  ...counts,
  file: z
    .string()
    .regex(/^(?:full-load|cdc)\/.+\.parquet$/)
    .nullable(),
  bytes: count,
  reason: z.string().optional(),
  rejected: z.number().optional(),
});

export const layerReport = z.strictObject({
  operation: z.enum(['created', 'updated', 'rebuilt', 'unchanged', 'held', 'failed', 'skipped']),
  inserted: count,
  updated: count,
  deleted: count,
  version: count.nullable(),
  reason: z.string().optional(),
});

export const runReport = z.strictObject({
  run: count.nullable(),
  source: source.nullable(),
  tables: z.record(z.string(), tableReport),
  layers: z.record(z.string(), layerReport).optional(),
});

const typeChange = z.strictObject({
  name: z.string(),
  from: z.string(),
  to: z.string(),
  sample: z.string().optional(),
});
const row = z.record(z.string(), z.string().nullable());

export const planReport = z.strictObject({
  source: source.nullable(),
  tables: z.record(
    z.string(),
    z.strictObject({
      ...tableReport.omit({ bytes: true }).shape,
      guards: z.array(z.strictObject({ rule: z.string(), message: z.string() })),
      schema: z.strictObject({
        added: z.array(z.looseObject({ name: z.string(), type: z.string() })),
        widened: z.array(typeChange),
        retyped: z.array(typeChange),
        dropped: z.array(z.string()),
      }),
      samples: z.array(
        z.strictObject({
          operation: z.enum(['I', 'U', 'D']),
          row,
          before: row.optional(),
          changed: z.array(z.string()).optional(),
        }),
      ),
    }),
  ),
  layers: z
    .record(
      z.string(),
      z.strictObject({
        operation: z.enum(['create', 'update', 'rebuild', 'unchanged', 'skipped']),
        reason: z.string().optional(),
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
