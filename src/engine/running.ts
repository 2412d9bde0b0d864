let statements = 0;

/** Counts a statement of the engine as running for as long as it takes. */
export async function counted<T>(statement: () => Promise<T>): Promise<T> {
  statements += 1;
  try {
    return await statement();
  } finally {
    statements -= 1;
  }
}

/** True while some engine of this process works: a process that exits waits for it, however long that takes. */
export function isEngineBusy(): boolean {
  return statements > 0;
}
