import type { Storage } from '../../storage/port.ts';
import { decodeActions, decodeText } from '../protocol/action-codec.ts';
import type { Action } from '../protocol/actions.ts';
import type { LogText } from './logged-file.ts';
import { corrupt } from '../protocol/corrupt.ts';
import { commitKey } from './path.ts';

/** The actions of a version's commit, or undefined where there is no such commit. @throws IgarapeError DELTA_CORRUPT */
export async function readCommit(storage: Storage, version: number): Promise<Action[] | undefined> {
  const key = commitKey(version);
  const bytes = await storage.read(key);
  return bytes === undefined ? undefined : decodeActions(bytes, `${storage.uri}/${key}`);
}

/**
 * The text of files of the log, in the order of their keys here. The first few are read at once, whenever they are asked
 * for, and a few ahead from then on.
 */
export function readLogTexts(storage: Storage, keys: readonly string[]): AsyncGenerator<LogText> {
  return yieldTexts(
    storage,
    keys.slice(0, READ_AHEAD).map((key) => startReading(storage, key)),
    keys.slice(READ_AHEAD),
  );
}

async function* yieldTexts(
  storage: Storage,
  ahead: Promise<LogText>[],
  keys: readonly string[],
): AsyncGenerator<LogText> {
  for (const key of keys) {
    ahead.push(startReading(storage, key));
    const next = ahead.shift();
    if (next !== undefined) yield await next;
  }
  for (const text of ahead) yield await text;
}

function startReading(storage: Storage, key: string): Promise<LogText> {
  const text = readLogText(storage, key);
  // Whoever awaits it later hears of a failure; until then it is not unhandled.
  text.catch(() => undefined);
  return text;
}

const READ_AHEAD = 16;

async function readLogText(storage: Storage, key: string): Promise<LogText> {
  const file = `${storage.uri}/${key}`;
  const bytes = await storage.read(key);
  if (bytes === undefined) throw corrupt(file, 'the file is missing');
  return { file, text: decodeText(bytes, file) };
}
