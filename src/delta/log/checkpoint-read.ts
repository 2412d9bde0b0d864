import type { Engine } from '../../engine/engine.ts';
import { parquetFile, quoteName, quotePath } from '../../engine/quote.ts';
import { isKey } from '../../storage/key.ts';
import type { StoredObject } from '../../storage/port.ts';
import type { Sidecar } from '../protocol/actions.ts';
import { corrupt } from '../protocol/corrupt.ts';
import { decodeAction, decodeText } from '../protocol/action-codec.ts';
import type { Disk } from '../files/disk.ts';
import { parseSqlType } from '../schema/sql-type.ts';
import { actionLine, isPlainAdd, withoutEmpty } from './action-sql.ts';
import { checkpointCopy, DeferredAdds, readingParquet, texts } from './deferred-adds.ts';
import type { LogText } from './logged-file.ts';
import { SIDECAR_FOLDER } from './path.ts';
import type { Replay } from './replay.ts';
import type { Checkpoint } from './segment.ts';

/**
 * Hands the actions of a checkpoint to a replay, those of its sidecars among them: as the lines that they would be in a
 * commit, but for adds without a deletion vector, of which no more than the paths is read.
 *
 * @throws IgarapeError DELTA_CORRUPT where a file is damaged or missing.
 */
export async function readCheckpoint(disk: Disk, checkpoint: Checkpoint, replay: Replay): Promise<void> {
  const sidecars: Sidecar[] = [];
  const apply = (log: LogText): void => {
    if (checkpoint.form.type !== 'part' && log.text.includes('"sidecar"'))
      sidecars.push(...findSidecars(log));
    replay.apply(log);
  };
  for (const object of checkpoint.objects) {
    if (object.key.endsWith('.json')) apply(await readJsonObject(disk, object));
    else await readParquet(disk, object, replay, apply);
  }
  for (const { path, sizeBytes } of sidecars) {
    // A name of the sidecars' folder; a path is legal only where it means just that.
    const name = path.split('/').at(-1) ?? path;
    const key = `${SIDECAR_FOLDER}${name}`;
    if (!isKey(key))
      throw corrupt(`${disk.storage.uri}/${SIDECAR_FOLDER}`, `a sidecar has the impossible name ${path}`);
    await readParquet(disk, { key, sizeBytes }, replay, (log) => replay.apply(log));
  }
}

async function readJsonObject({ storage }: Disk, { key }: StoredObject): Promise<LogText> {
  const file = `${storage.uri}/${key}`;
  const bytes = await storage.read(key);
  if (bytes === undefined) throw corrupt(file, 'the file is missing');
  return { file, text: decodeText(bytes, file) };
}

function findSidecars({ file, text }: LogText): Sidecar[] {
  return text.split('\n').flatMap((line) => {
    if (!line.includes('"sidecar"')) return [];
    const action = decodeAction(line, file);
    return action !== undefined && 'sidecar' in action ? [action.sidecar] : [];
  });
}

/** Actions that a checkpoint's Parquet files may hold, a column each. */
const ACTIONS: ReadonlySet<string> = new Set([
  'protocol',
  'metaData',
  'txn',
  'domainMetadata',
  'checkpointMetadata',
  'sidecar',
  'remove',
  'add',
]);

async function readParquet(
  disk: Disk,
  { key, sizeBytes }: Pick<StoredObject, 'key' | 'sizeBytes'>,
  replay: Replay,
  apply: (log: LogText) => void,
): Promise<void> {
  const file = `${disk.storage.uri}/${key}`;
  await readingParquet(file, async () => {
    const { engine } = disk;
    const path = await checkpointCopy(disk, key);
    const source = parquetFile(path);
    const known = (await engine.describe(`SELECT * FROM ${source}`)).filter(({ name }) => ACTIONS.has(name));
    if (known.length === 0) throw corrupt(file, 'it holds no actions');
    const isSmall = sizeBytes <= SMALL_BYTES;
    const { bytes, empty } = isSmall ? UNKNOWN : await contents(engine, path);
    const isLarge = bytes > MOST_GATHERED_BYTES;
    const columns = known.filter(({ name }) => !empty.has(name));
    const line = (of: typeof columns): string =>
      `coalesce(${['NULL', ...of.map(({ name, type }) => actionLine(name, parseSqlType(type)))].join(', ')})`;
    const applyLines = async (lines: string, condition: string): Promise<void> => {
      for await (const [text = ''] of texts(engine, source, [lines], condition, isLarge))
        apply({ file, text });
    };
    const add = columns.find(({ name }) => name === 'add');
    if (add === undefined || isSmall) return applyLines(line(columns), 'true');
    const adds = withoutEmpty(parseSqlType(add.type), empty);
    const isPlain = isPlainAdd(adds);
    const others = columns.filter((column) => column !== add);
    // To ask whether the add itself is null, the engine would read all of its fields.
    const isOdd = [`NOT ${isPlain}`, ...others.map(({ name }) => `${quoteName(name)} IS NULL`)].join(' AND ');
    const parts = [`CASE WHEN ${isPlain} THEN add.path END`, line(others), `CASE WHEN ${isOdd} THEN '' END`];
    const found: string[] = [];
    let hasOdd = false;
    for await (const [paths, text = '', odd] of texts(engine, source, parts, 'true', isLarge)) {
      if (paths !== undefined) found.push(paths);
      apply({ file, text });
      hasOdd ||= odd !== undefined;
    }
    if (hasOdd) await applyLines(actionLine('add', adds), isOdd);
    for (const paths of found) replay.applyPaths(file, paths);
    replay.defer(new DeferredAdds(disk, { key, path, adds, isLarge }));
  });
}

/** Of a smaller file, to ask what of it need not be read takes longer than to read all of it. */
const SMALL_BYTES = 128 * 1024;

const MOST_GATHERED_BYTES = 128 * 1024 * 1024;

/** What the end of a checkpoint's file tells of it. */
interface Contents {
  /** Its size without compression: the engine gathers lines in its memory. */
  readonly bytes: number;
  /** Actions of which it has none, and fields that none of an action has: `remove`, `add.tags`. */
  readonly empty: ReadonlySet<string>;
}

const UNKNOWN: Contents = { bytes: 0, empty: new Set() };

async function contents(engine: Engine, path: string): Promise<Contents> {
  const rows = await engine.rows(
    `SELECT concat_ws('.', action, field) AS name, sum(bytes)::DOUBLE AS bytes, bool_and(is_empty) AS is_empty FROM (SELECT split_part(path_in_schema, ', ', 1) AS action, split_part(path_in_schema, ', ', 2) AS field, total_uncompressed_size AS bytes, coalesce(stats_null_count >= num_values, false) AS is_empty FROM parquet_metadata(${quotePath(path)})) GROUP BY ROLLUP (action, field)`,
  );
  return {
    bytes: Number(rows.find(({ name }) => name === '')?.['bytes'] ?? 0),
    empty: new Set(rows.filter((row) => row['is_empty'] === true).map(({ name }) => String(name))),
  };
}
