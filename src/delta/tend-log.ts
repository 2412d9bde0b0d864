import type { Writer } from './writer.ts';

/** Runs after a commit: nothing that fails here makes the commit fail. */
export async function tendLog(_writer: Writer, _version: number): Promise<void> {
  // A checkpoint is only a shortcut.
}
