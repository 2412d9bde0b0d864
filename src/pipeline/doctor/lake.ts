import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { IgarapeError } from '../../core/errors.ts';
import { refuseForeignFiles } from '../../lake/foreign-files.ts';
import { LEDGER, STAGING } from '../../lake/layout.ts';
import { readLedger } from '../../lake/ledger.ts';
import type { LedgerEntry } from '../../lake/ledger-entry.ts';
import { honoursIfAbsent } from '../../storage/conditional.ts';
import type { Storage } from '../../storage/port.ts';
import { isSameSource } from '../same-source.ts';
import type { Finding } from './check.ts';

/** Where the lake is tried out; empty afterwards. */
function probePrefix(id: string): string {
  return `${STAGING}doctor-${id}/`;
}

/** @throws IgarapeError LAKE_… where the lake cannot be listed. */
export async function lookAtAccess(storage: Storage): Promise<Finding> {
  for await (const { key } of storage.list('')) {
    const isLake = key.startsWith('_igarape/') || (await hasLedger(storage));
    return {
      found: `${storage.uri} can be listed; ${isLake ? 'it is a lake' : 'it holds other files, and no lake yet'}`,
    };
  }
  return { found: `${storage.uri} can be listed; it is empty` };
}

async function hasLedger(storage: Storage): Promise<boolean> {
  for await (const _ of storage.list(LEDGER)) return true;
  return false;
}

/** @throws IgarapeError LAKE_UNCONDITIONAL, and LAKE_… where nothing can be created. */
export async function lookAtConditionalCreate(storage: Storage, id: string): Promise<Finding> {
  if (await honoursIfAbsent(storage, probePrefix(id), id)) {
    return { found: 'a second object of one name is refused, so two runs at once cannot both publish' };
  }
  throw new IgarapeError('LAKE_UNCONDITIONAL', `The store of ${storage.uri} ignores "If-None-Match: *".`, {
    hint: 'Use a store that honours conditional writes, as Amazon S3, MinIO and SeaweedFS do, or a local folder.',
  });
}

/** Does with a small file what a run does with its own: stage, copy, read back, remove. */
export async function lookAtRights(storage: Storage, id: string, folder: string): Promise<Finding> {
  const [staged, copied] = [`${probePrefix(id)}staged`, `${probePrefix(id)}copied`];
  const content = `igarape doctor ${id}\n`;
  const path = join(folder, 'probe');
  try {
    await writeFile(path, content);
    await storage.upload(path, staged);
    await storage.copy(staged, copied);
    const read = await readFile(await storage.localFile(copied, join(folder, 'read')), 'utf8');
    if (read !== content) {
      throw new IgarapeError('LAKE_CORRUPT', `${storage.uri} gave back other bytes than were stored.`, {
        hint: 'Check the store, and whatever stands between it and this machine.',
      });
    }
  } finally {
    await storage.delete([staged, copied]);
  }
  return { found: 'objects can be stored, copied, read and removed' };
}

const MOST_SKEW_MS = 5 * 60 * 1000;
const NOTED_SKEW_MS = 30 * 1000;

/** Compares the clock here with the time that the store gives a new object. */
export async function lookAtClock(storage: Storage, id: string, clock: () => number): Promise<Finding> {
  const key = `${probePrefix(id)}clock`;
  try {
    const beforeMs = clock();
    await storage.putIfAbsent(key, Buffer.from(`igarape doctor ${id}: clock`));
    const afterMs = clock();
    const object = await storage.stat(key);
    if (object === undefined) {
      throw new IgarapeError('LAKE_CORRUPT', `${storage.uri} does not show an object that was just stored.`, {
        hint: 'Check the store: a lake needs one in which a write is seen at once.',
      });
    }
    return judgeSkew(object.modifiedMs, beforeMs, afterMs);
  } finally {
    await storage.delete([key]);
  }
}

/** Stores keep whole seconds, so an object may seem up to one older than it is. */
function judgeSkew(storedMs: number, beforeMs: number, afterMs: number): Finding {
  const aheadMs = beforeMs - (storedMs + 999);
  const behindMs = storedMs - afterMs;
  const skewMs = Math.max(aheadMs, behindMs, 0);
  const seconds = Math.round(skewMs / 1000);
  const found = `this clock is ${seconds} s ${aheadMs > behindMs ? 'ahead of' : 'behind'} the store's`;
  const hint = 'Let the clock be set by a time server: times in the lake are this machine’s.';
  if (skewMs > MOST_SKEW_MS)
    throw new IgarapeError('LAKE_UNREACHABLE', `${found}, and stores refuse such requests.`, { hint });
  if (skewMs > NOTED_SKEW_MS) return { found, hint };
  return { found: 'this clock agrees with the store’s' };
}

/**
 * @param sourceId Undefined where the configuration names no source.
 * @param config That source, as the configuration has it.
 * @throws IgarapeError LAKE_CORRUPT, LAKE_NEWER; LAKE_NOT_EMPTY where a first run would find files of others;
 * SOURCE_CHANGED where another source feeds the lake.
 */
export async function lookAtLedger(
  storage: Storage,
  sourceId: string | undefined,
  config?: Config['source'],
): Promise<Finding> {
  let newest: LedgerEntry | undefined;
  for await (const entry of readLedger(storage)) newest = entry;
  if (newest === undefined) {
    if (sourceId !== undefined) await refuseForeignFiles(storage);
    return { found: 'no runs yet' };
  }
  const { run, committedAt, source } = newest;
  if (sourceId !== undefined && !isSameSource(source.id, sourceId, config)) {
    throw new IgarapeError(
      'SOURCE_CHANGED',
      `The lake is fed from ${source.id}, and the configuration says ${sourceId}.`,
      {
        hint: 'Give each source a lake of its own: change "lake", or set "source" back.',
      },
    );
  }
  return { found: `the newest run is ${run}, committed at ${committedAt}` };
}

/** Whether the columns that the configuration names are in the tables as the lake knows them. */
export function lookAtTables({ tables }: Config, newest: LedgerEntry | undefined): Finding {
  const missing: string[] = [];
  let known = 0;
  for (const { name, key, dateField } of tables) {
    const schema = newest?.tables[name]?.schema;
    if (schema === undefined) continue;
    known += 1;
    const columns = new Set(schema.filter(({ dropped }) => dropped !== true).map((column) => column.name));
    const lost = key.filter((column) => !columns.has(column));
    if (lost.length > 0) missing.push(`${name} has no column ${lost.join(', ')}, its "pk"`);
    if (dateField !== undefined && !columns.has(dateField))
      missing.push(`${name} has no column ${dateField}, its "date_field"`);
  }
  if (known === 0) return { found: 'none is in the lake yet' };
  if (missing.length === 0)
    return { found: 'keys and date fields are there, as far as the lake knows the tables' };
  return {
    found: missing.join('; '),
    hint: 'Correct these names in the configuration, unless the source is about to bring them.',
  };
}
