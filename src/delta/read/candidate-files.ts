import type { Disk } from '../files/disk.ts';
import type { LoggedFile } from '../log/logged-file.ts';
import type { Snapshot } from '../log/snapshot.ts';
import type { AddFile, PartitionValues } from '../protocol/actions.ts';
import { Fields } from '../protocol/fields.ts';
import { parseJson } from '../protocol/json.ts';
import { filesThatMayMatch } from './data-skipping.ts';
import type { Expression } from './predicate.ts';

/**
 * The files of a table's partitions that may hold rows for which the condition holds. Of the others no more is read
 * from the log than the text of their partition values, of a checkpoint's not even that of each.
 *
 * @throws IgarapeError DELTA_CORRUPT where what is read is damaged
 */
export async function candidateFiles(
  disk: Pick<Disk, 'engine' | 'partitionTimeZone'>,
  snapshot: Snapshot,
  condition: Expression,
): Promise<AddFile[]> {
  const { partitionFields, state } = snapshot;
  if (partitionFields.length === 0) return snapshot.files();
  for (const adds of state.deferred) {
    if (adds.isRead) continue;
    const partitions = (await adds.partitions()).map((text) => ({ text, ...valuesOf(text) }));
    const kept = await filesThatMayMatch(disk, snapshot, partitions, condition);
    const isMost = kept.length === partitions.length || kept.length > MOST_NAMED;
    const texts = isMost ? undefined : kept.map(({ text }) => text);
    await adds.complete(state.files, texts);
  }
  const files = state.files.read();
  const groups = groupsOf(files);
  if (groups.size === files.length) return files.map(({ action }) => action);
  const kept = await filesThatMayMatch(disk, snapshot, [...groups.keys()], condition);
  return kept.flatMap((group) => (groups.get(group) ?? []).map(({ action }) => action));
}

/** Of more partitions than these their names would take the engine longer than all lines. */
const MOST_NAMED = 1000;

interface Partition {
  readonly partitionValues: PartitionValues;
}

/** The files with the same partition values each, by the values. */
function groupsOf(files: readonly LoggedFile<AddFile>[]): Map<Partition, LoggedFile<AddFile>[]> {
  const known = new Map<string, LoggedFile<AddFile>[]>();
  const groups = new Map<Partition, LoggedFile<AddFile>[]>();
  for (const file of files) {
    const text = file.partitionText;
    const group = text === undefined ? undefined : known.get(text);
    if (group !== undefined) {
      group.push(file);
      continue;
    }
    const members = [file];
    if (text !== undefined) known.set(text, members);
    groups.set(
      text === undefined ? { partitionValues: file.action.partitionValues } : valuesOf(text),
      members,
    );
  }
  return groups;
}

function valuesOf(text: string): Partition {
  const fields = new Fields({ values: parseJson(text) }, 'The log');
  return { partitionValues: fields.optionalNullableTextMap('values') ?? {} };
}
