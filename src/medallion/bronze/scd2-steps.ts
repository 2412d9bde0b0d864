import type { Schema } from '../../core/schema.ts';
import { changesQuery, type OpenFile } from './changes.ts';
import type { PendingFile } from './pending.ts';
import type { Scd2Step } from './scd2-versions.ts';

/** Published files, in the order of the ledger, as steps of a table with a history. */
export async function scd2Steps(
  files: readonly PendingFile[],
  schema: Schema,
  open: OpenFile,
): Promise<Scd2Step[]> {
  const steps: Scd2Step[] = [];
  for (const group of byKind(files)) {
    const [first] = group;
    if (first === undefined) continue;
    steps.push({
      kind: first.file.kind === 'full-load' ? 'full-load' : 'changes',
      rows: await changesQuery(group, schema, open),
      atMicros: first.timeMicros,
    });
  }
  return steps;
}

/** Change files that follow each other are one step, a full-load is one by itself. */
function byKind(files: readonly PendingFile[]): PendingFile[][] {
  const groups: PendingFile[][] = [];
  for (const file of files) {
    const group = groups.at(-1);
    if (group?.[0]?.file.kind === 'cdc' && file.file.kind === 'cdc') group.push(file);
    else groups.push([file]);
  }
  return groups;
}
