import type { Storage } from '../../storage/port.ts';
import { isJsonObject, type Json, parseJson } from '../protocol/json.ts';
import { LAST_CHECKPOINT } from './path.ts';

/** The version that `_last_checkpoint` names. It is a hint: where it is absent, torn or nonsense, there is none. */
export async function readLastCheckpoint(storage: Storage): Promise<number | undefined> {
  const bytes = await storage.read(LAST_CHECKPOINT);
  if (bytes === undefined) return undefined;
  const value = parseHint(new TextDecoder().decode(bytes));
  const version = isJsonObject(value) ? value['version'] : undefined;
  return typeof version === 'number' && Number.isSafeInteger(version) && version >= 0 ? version : undefined;
}

function parseHint(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
