import type { Storage } from '../storage/port.ts';
import { decodeActions, decodeText } from './action-codec.ts';
import type { Action } from './actions.ts';
import type { LogText } from './checkpoint-read.ts';
import { corrupt } from './corrupt.ts';
import { commitKey } from './log-path.ts';

/** The actions of a version's commit, or undefined where there is no such commit. @throws IgarapeError DELTA_CORRUPT */
export async function readCommit(storage: Storage, version: number): Promise<Action[] | undefined> {
  const key = commitKey(version);
  const bytes = await storage.read(key);
  return bytes === undefined ? undefined : decodeActions(bytes, `${storage.uri}/${key}`);
}

/** The text of files of the log, in the order of their keys here; a few are read ahead. */
export async function* readLogTexts(storage: Storage, keys: readonly string[]): AsyncGenerator<LogText> {
  const ahead: Promise<LogText>[] = [];
  for (const key of keys) {
    const text = readLogText(storage, key);
    // Whoever awaits it later hears of a failure; until then it is not unhandled.
    text.catch(() => undefined);
    ahead.push(text);
    const next = ahead.length > READ_AHEAD ? ahead.shift() : undefined;
    if (next !== undefined) yield await next;
  }
  for (const text of ahead) yield await text;
}

const READ_AHEAD = 16;

async function readLogText(storage: Storage, key: string): Promise<LogText> {
  const file = `${storage.uri}/${key}`;
  const bytes = await storage.read(key);
  if (bytes === undefined) throw corrupt(file, 'the file is missing');
  return { file, text: decodeText(bytes, file) };
}
