import type { SqlColumn } from '../../engine/sql-column.ts';
import { IgarapeError } from '../../core/errors.ts';
import * as z from 'zod';
import { knownTrouble } from '../known-trouble.ts';
import { SparkError } from '../connect/spark-error.ts';
import type { WorkspaceApi } from './api.ts';

/** What a statement gave, as texts. */
export interface StatementRows {
  readonly columns: readonly SqlColumn[];
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface StatementEdge {
  readonly api: WorkspaceApi;
  readonly warehouse: string;
  /** Stops what runs, in the warehouse, too. */
  readonly signal: AbortSignal;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const STATEMENTS = '/api/2.0/sql/statements';
const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 5000;
const CANCEL_MS = 5000;
/** So often a link that has expired is asked for anew. */
const MOST_LINKS = 3;

const chunk = z.object({
  chunk_index: z.number().default(0),
  next_chunk_index: z.number().optional(),
  data_array: z.array(z.array(z.string().nullable())).optional(),
  external_links: z
    .array(
      z.object({
        external_link: z.string(),
        next_chunk_index: z.number().optional(),
        http_headers: z.record(z.string(), z.string()).optional(),
      }),
    )
    .optional(),
});
const statement = z.object({
  statement_id: z.string().min(1),
  status: z.object({
    state: z.enum(['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELED', 'CLOSED']),
    error: z.object({ error_code: z.string().optional(), message: z.string().default('') }).optional(),
    sql_state: z.string().optional(),
  }),
  manifest: z
    .object({
      schema: z.object({
        columns: z.array(z.object({ name: z.string(), type_name: z.string().default('STRING') })).default([]),
      }),
    })
    .optional(),
  result: chunk.optional(),
});
type Statement = z.infer<typeof statement>;
type Chunk = z.infer<typeof chunk>;
const texts = z.array(z.array(z.string().nullable()));

type Disposition = 'INLINE' | 'EXTERNAL_LINKS';

/**
 * Executes a statement in a warehouse, once, and waits for it.
 *
 * @throws IgarapeError SPARK_…; the signal's reason, after it was cancelled there
 */
export async function executeStatement(edge: StatementEdge, sql: string): Promise<StatementRows> {
  let done = await finished(edge, sql, 'INLINE');
  // What is too much for the answer itself was not computed to its end; links take any size.
  if (done.status.state === 'FAILED' && /EXTERNAL_LINKS/.test(done.status.error?.message ?? ''))
    done = await finished(edge, sql, 'EXTERNAL_LINKS');
  const { state } = done.status;
  if (state === 'FAILED' || state === 'CANCELED') throw troubleOf(edge.api.server, done);
  const columns = (done.manifest?.schema.columns ?? []).map(({ name, type_name: type }) => ({ name, type }));
  const rows: (readonly (string | null)[])[] = [];
  for (let part = done.result; part !== undefined;) {
    rows.push(...(part.data_array ?? (await linked(edge, done.statement_id, part))));
    const next = part.next_chunk_index ?? part.external_links?.[0]?.next_chunk_index;
    part = next === undefined ? undefined : await chunkOf(edge, done.statement_id, next);
  }
  return { columns, rows };
}

/** Sends it without waiting for it there: so that its id is known, by which it can be cancelled. */
async function finished(
  { api, warehouse, signal, sleep }: StatementEdge,
  sql: string,
  disposition: Disposition,
): Promise<Statement> {
  signal.throwIfAborted();
  const body = {
    warehouse_id: warehouse,
    statement: sql,
    wait_timeout: '0s',
    format: 'JSON_ARRAY',
    disposition,
  };
  const never = new AbortController().signal;
  let found = read(
    statement,
    api,
    await api.send({ method: 'POST', path: `${STATEMENTS}/`, body, signal: never, isOnce: true }),
  );
  const path = `${STATEMENTS}/${encodeURIComponent(found.statement_id)}`;
  try {
    for (
      let waitMs = FIRST_POLL_MS;
      found.status.state === 'PENDING' || found.status.state === 'RUNNING';
      waitMs = Math.min(waitMs * 2, LONGEST_POLL_MS)
    ) {
      await sleep(waitMs, signal);
      found = read(statement, api, await api.send({ path }));
    }
    return found;
  } catch (error) {
    // Whatever ended the waiting, nobody waits for it any more.
    const cancel = {
      method: 'POST',
      path: `${path}/cancel`,
      signal: AbortSignal.timeout(CANCEL_MS),
    } as const;
    await api.send({ ...cancel, isOnce: true }).catch(() => undefined);
    throw error;
  }
}

async function chunkOf({ api }: StatementEdge, id: string, index: number): Promise<Chunk> {
  return read(
    chunk,
    api,
    await api.send({ path: `${STATEMENTS}/${encodeURIComponent(id)}/result/chunks/${index}` }),
  );
}

/** The rows behind a chunk's link, which lives for minutes only: a new one is asked for where it has expired. */
async function linked(edge: StatementEdge, id: string, part: Chunk): Promise<z.infer<typeof texts>> {
  let links = part.external_links;
  for (let asked = 0; ; asked += 1) {
    const [link] = links ?? [];
    if (link === undefined) return [];
    const found = await edge.api.fetchLink(link.external_link, link.http_headers ?? {});
    if (found !== undefined) return read(texts, edge.api, found);
    if (asked >= MOST_LINKS)
      throw new IgarapeError(
        'SPARK_FAILED',
        `Databricks at ${edge.api.server} gives links to its rows that its store refuses.`,
        {
          hint: 'Nothing was committed. The store’s address must be reachable from here, and both clocks right.',
        },
      );
    links = (await chunkOf(edge, id, part.chunk_index)).external_links;
  }
}

function troubleOf(server: string, { status }: Statement): IgarapeError {
  const { error, sql_state: sqlState, state } = status;
  const message = error?.message ?? '';
  const [, errorClass] = /^\[([A-Z][\w.]+)\]/.exec(message) ?? [];
  const spark = new SparkError(message, { errorClass, sqlState });
  const [line = ''] = message.trim().split('\n');
  const text = `${error?.error_code ?? state}${line === '' ? '' : `: ${line}`}${sqlState === undefined ? '' : ` (SQLSTATE ${sqlState})`}`;
  return (
    knownTrouble(spark, server, text) ??
    new IgarapeError(
      'SPARK_FAILED',
      state === 'CANCELED'
        ? `Databricks at ${server} has cancelled a statement.`
        : `Databricks at ${server}: ${text}`,
      {
        hint: 'Nothing was committed. The warehouse’s query history tells more; `run --engine duckdb` does without Databricks.',
        cause: spark,
      },
    )
  );
}

function read<T>(shape: z.ZodType<T>, api: WorkspaceApi, json: unknown): T {
  const found = shape.safeParse(json);
  if (found.success) return found.data;
  throw new IgarapeError(
    'SPARK_UNSUITABLE',
    `What answers at ${api.server} is no Statement Execution API that is known here.`,
    {
      hint: 'Is "engine"."host" (or DATABRICKS_HOST) a workspace of Databricks?',
      cause: found.error,
    },
  );
}
