import type { Storage } from './port.ts';

/**
 * Whether the store keeps its promise that `putIfAbsent` replaces nothing: two different bodies are put under one key
 * below `prefix`, and removed again. `id` must be new with every call. False: two runs at once could both publish.
 */
export async function honoursIfAbsent(storage: Storage, prefix: string, id: string): Promise<boolean> {
  const key = `${prefix}probe-${id}`;
  const first = Buffer.from(`igarape probe ${id}: first`);
  const second = Buffer.from(`igarape probe ${id}: second`);
  try {
    const created = await storage.putIfAbsent(key, first);
    const createdAgain = await storage.putIfAbsent(key, second);
    const kept = await storage.read(key);
    return created && !createdAgain && kept !== undefined && first.equals(kept);
  } finally {
    await storage.delete([key]);
  }
}
