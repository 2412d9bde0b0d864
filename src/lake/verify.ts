import { join } from 'node:path';
import { BASE, openBase } from '../changes/base.ts';
import { asIgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quoteText } from '../engine/quote.ts';
import { sha256File } from '../source/hash.ts';
import type { Storage } from '../storage/port.ts';
import { type TableHistory, tableHistories } from './history.ts';
import type { LedgerEntry, PublishedFile } from './ledger-entry.ts';
import { type LocalHistoryFile, replay } from './replay.ts';
import { openSegments } from './segments.ts';

export interface VerifyReport {
  readonly ok: boolean;
  /** Ledger entries read. */
  readonly runs: number;
  readonly tables: Readonly<Record<string, TableVerification>>;
}

export interface TableVerification {
  readonly ok: boolean;
  readonly rows: number;
  readonly files: number;
  /** What is wrong, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Proves that the lake's published files are what the ledger says, byte for byte, and that replaying them gives each
 * table's base, row for row.
 */
export async function verifyLake(
  engine: Engine,
  storage: Storage,
  entries: readonly LedgerEntry[],
  workDir: string,
  onFile: (key: string) => void = () => undefined,
): Promise<VerifyReport> {
  const tables: Record<string, TableVerification> = {};
  for (const history of tableHistories(entries)) {
    tables[history.name] = await verifyTable(engine, storage, entries, history, workDir, onFile);
  }
  return { ok: Object.values(tables).every((table) => table.ok), runs: entries.length, tables };
}

async function verifyTable(
  engine: Engine,
  storage: Storage,
  entries: readonly LedgerEntry[],
  history: TableHistory,
  workDir: string,
  onFile: (key: string) => void,
): Promise<TableVerification> {
  const published = entries.flatMap((entry) => entry.tables[history.name]?.file ?? []);
  const problems: string[] = [];
  const paths = new Map<string, string>();
  for (const file of published) {
    onFile(file.key);
    const opened = await openPublished(storage, file, workDir);
    if (opened.problem !== undefined) problems.push(opened.problem);
    else paths.set(file.key, opened.path);
  }
  const { rows } = history.state.base;
  if (problems.length === 0) {
    const local = history.files.map((file): LocalHistoryFile => ({
      ...file,
      path: paths.get(file.file.key) ?? '',
    }));
    problems.push(...(await compareWithBase(engine, storage, { ...history, files: local }, workDir)));
  }
  return { ok: problems.length === 0, rows, files: published.length, problems };
}

type Opened = { readonly path: string; readonly problem?: undefined } | { readonly problem: string };

async function openPublished(storage: Storage, file: PublishedFile, workDir: string): Promise<Opened> {
  const stored = await storage.stat(file.key);
  if (stored === undefined) {
    const waits = (await storage.stat(file.stagedKey)) !== undefined;
    return {
      problem: `${file.key} is ${waits ? 'committed and not visible yet: the next run finishes that' : 'gone'}`,
    };
  }
  if (stored.sizeBytes !== file.sizeBytes) {
    return { problem: `${file.key} has ${stored.sizeBytes} bytes where the ledger says ${file.sizeBytes}` };
  }
  const path = await storage.localFile(file.key, join(workDir, file.key.replaceAll('/', '__')));
  if ((await sha256File(path)) !== file.sha256)
    return { problem: `${file.key} is not the file that was published (its SHA-256 differs)` };
  return { path };
}

const REPLAYED = 'igarape_replayed';

async function compareWithBase(
  engine: Engine,
  storage: Storage,
  history: Omit<TableHistory, 'files'> & { readonly files: readonly LocalHistoryFile[] },
  workDir: string,
): Promise<string[]> {
  const { schema, primaryKey, base } = history.state;
  for (const { key } of base.segments) {
    if ((await storage.stat(key)) === undefined) return [`${key}, a part of the base, is gone`];
  }
  const segments = await openSegments(storage, workDir, history.state);
  const key = primaryKey.map((name) => `b.${quoteName(name)} = r.${quoteName(name)}`).join(' AND ');
  const differing = schema
    .map(({ name }) => `b.${quoteName(name)} IS DISTINCT FROM r.${quoteName(name)}`)
    .join(' OR ');
  const keyText = primaryKey
    .map(
      (name) =>
        `${quoteText(`${name} = `)} || coalesce(CAST(b.${quoteName(name)} AS VARCHAR), CAST(r.${quoteName(name)} AS VARCHAR))`,
    )
    .join(` || ', ' || `);
  try {
    await engine.allowWidth(schema.length, base.rows);
    await openBase(engine, segments, schema);
    await replay(engine, history, REPLAYED);
    const [row] = await engine.rows(`WITH
        b AS (SELECT true AS _igarape_in, * FROM ${BASE}),
        r AS (SELECT true AS _igarape_in, * FROM ${REPLAYED})
      SELECT (SELECT count(*) FROM b) AS in_base, (SELECT count(*) FROM r) AS replayed, count(*) AS differing,
        min(${keyText}) AS sample
      FROM b FULL JOIN r ON ${key} WHERE b._igarape_in IS NULL OR r._igarape_in IS NULL OR ${differing}`);
    const [inBase, replayed, wrong] = ['in_base', 'replayed', 'differing'].map((name) => Number(row?.[name]));
    const problems: string[] = [];
    if (inBase !== base.rows) problems.push(`the base has ${inBase} rows where the ledger says ${base.rows}`);
    if (wrong !== 0)
      problems.push(
        `${wrong} ${wrong === 1 ? 'row differs' : 'rows differ'} between replay and base, for example ${String(row?.['sample'])}`,
      );
    else if (replayed !== inBase) problems.push(`replay gives ${replayed} rows where the base has ${inBase}`);
    return problems;
  } catch (error) {
    return [`the files cannot be replayed: ${asIgarapeError(error).message}`];
  } finally {
    await engine.run(`DROP TABLE IF EXISTS ${REPLAYED}`);
  }
}
