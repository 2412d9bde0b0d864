import { join } from 'node:path';
import { BASE, type BaseFiles, openBase } from '../changes/base.ts';
import { asIgarapeError, IgarapeError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { equalIn, quoteName, quoteText } from '../engine/quote.ts';
import { sideBySide, type Workplace } from '../engine/side-by-side.ts';
import { sha256File } from '../source/hash.ts';
import type { Storage } from '../storage/port.ts';
import type { HistoryFile, LakeHistory, TableHistory } from './history.ts';
import type { PublishedFile } from './ledger-entry.ts';
import { type LocalHistoryFile, replay, replayOn } from './replay.ts';
import { openSegments } from './segments.ts';
import { localPath, objectsOf } from './stored.ts';
import type { VerifiedLake, VerifiedTable } from './verified.ts';

export interface VerifyReport {
  readonly ok: boolean;
  /** Ledger entries read. */
  readonly runs: number;
  /** The run up to which everything had been verified before, where that was gone on from. */
  readonly since?: number;
  readonly tables: Readonly<Record<string, TableVerification>>;
}

export interface TableVerification {
  readonly ok: boolean;
  readonly rows: number;
  /** How many files were looked at. */
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
  history: LakeHistory,
  workDir: string,
  verification: Verification,
): Promise<VerifyReport> {
  const { verified, signal } = verification;
  const found = await sideBySide(
    { engine, folder: workDir },
    history.tables,
    { bytesOf, signal },
    (place, table) => verifyTable(place, storage, table, verification),
  );
  await verified?.save();
  const since = verified?.run === undefined ? {} : { since: verified.run };
  const tables = Object.fromEntries(
    history.tables.flatMap(({ name }, index) => {
      const table = found[index];
      return table === undefined ? [] : [[name, table]];
    }),
  );
  return { ok: found.every((table) => table.ok), runs: history.runs, ...since, tables };
}

export interface Verification {
  readonly signal: AbortSignal;
  /** Told of each file that is turned to. */
  readonly onFile?: (key: string) => void;
  readonly verified?: VerifiedLake | undefined;
}

/** Its published files are read, and its base. */
function bytesOf({ published, state }: TableHistory): number {
  const sizes = [...published.map(({ file }) => file), ...state.base.segments].map(
    ({ sizeBytes }) => sizeBytes,
  );
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

async function verifyTable(
  place: Workplace,
  storage: Storage,
  history: TableHistory,
  { signal, onFile, verified }: Verification,
): Promise<TableVerification> {
  const known = await verified?.find(history);
  const isNew = ({ run }: HistoryFile): boolean => known === undefined || run > known.run;
  const published = history.published.filter(isNew);
  const problems: string[] = [];
  const paths = new Map<string, string>();
  for (const { file } of published) {
    signal.throwIfAborted();
    onFile?.(file.key);
    const opened = await openPublished(storage, file, place.folder);
    if (opened.problem !== undefined) problems.push(opened.problem);
    else paths.set(file.key, opened.path);
  }
  const { rows } = history.state.base;
  if (problems.length === 0) {
    const local = history.files.filter(isNew).map((file): LocalHistoryFile => ({
      ...file,
      path: paths.get(file.file.key) ?? '',
    }));
    const compared = await compareWithBase(place, storage, { ...history, files: local }, known);
    signal.throwIfAborted();
    problems.push(...compared.problems);
    if (problems.length === 0 && compared.base !== undefined) await verified?.keep(history, compared.base);
  }
  return { ok: problems.length === 0, rows, files: published.length, problems };
}

type Opened = { readonly path: string; readonly problem?: undefined } | { readonly problem: string };

async function openPublished(storage: Storage, file: PublishedFile, workDir: string): Promise<Opened> {
  const staged = objectsOf({ ...file, key: file.stagedKey });
  for (const [index, { key, sizeBytes }] of objectsOf(file).entries()) {
    const stored = await storage.stat(key);
    if (stored === undefined) {
      const waits = (await storage.stat(staged[index]?.key ?? '')) !== undefined;
      return {
        problem: `${key} is ${waits ? 'committed and not visible yet: the next run finishes that' : 'gone'}`,
      };
    }
    if (stored.sizeBytes !== sizeBytes)
      return { problem: `${key} has ${stored.sizeBytes} bytes where the ledger says ${sizeBytes}` };
  }
  const path = await localPath(storage, file, join(workDir, file.key.replaceAll('/', '__')));
  for (const { name, sha256 } of file.parts ?? [{ name: undefined, sha256: file.sha256 }]) {
    if ((await sha256File(name === undefined ? path : join(path, name))) === sha256) continue;
    const key = name === undefined ? file.key : `${file.key}/${name}`;
    return { problem: `${key} is not the file that was published (its SHA-256 differs)` };
  }
  return { path };
}

const REPLAYED = 'igarape_replayed';
const KNOWN = 'igarape_known';

async function compareWithBase(
  { engine, folder, isShared }: Workplace,
  storage: Storage,
  history: Omit<TableHistory, 'files'> & { readonly files: readonly LocalHistoryFile[] },
  known: VerifiedTable | undefined,
): Promise<{ problems: string[]; base?: BaseFiles }> {
  const { schema, primaryKey, base } = history.state;
  for (const { key } of base.segments.flatMap(objectsOf)) {
    if ((await storage.stat(key)) === undefined) return { problems: [`${key}, a part of the base, is gone`] };
  }
  const files = await openSegments(storage, folder, history.state);
  const key = equalIn(primaryKey, 'b', 'r');
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
    await openBase(engine, files, schema);
    if (known === undefined) await replay(engine, history, REPLAYED);
    else {
      await openBase(engine, known.base, schema, KNOWN);
      await replayOn(engine, KNOWN, history, REPLAYED);
    }
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
    return { problems, base: files };
  } catch (error) {
    if (isShared && error instanceof IgarapeError && error.code === 'MEMORY_LIMIT') throw error;
    return { problems: [`the files cannot be replayed: ${asIgarapeError(error).message}`] };
  } finally {
    await engine.run(`DROP TABLE IF EXISTS ${REPLAYED}`);
  }
}
