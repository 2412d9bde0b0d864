import type { Snapshot } from '../delta/log/snapshot.ts';
import { sourceAppId } from './step.ts';

/** The table property that holds the identity of a source, which a table that is made anew does not share. */
export function sourceIdProperty(source: string): string {
  return `igarape.source.${source}`;
}

/** The version of a source, given by its full name, that a table has applied; undefined where it has none. */
export function appliedVersion(target: Snapshot | undefined, source: string): number | undefined {
  const noted = target?.state.transactions.get(sourceAppId(source))?.version;
  return noted === undefined ? undefined : Number(noted);
}

/**
 * Why the changes of a source since the version that a table has applied are not those of the table that it was made
 * of; undefined where they are, or where none was applied. A table that does not know the identity of its source goes
 * by the versions alone.
 *
 * @param newest The source's newest version.
 */
export function brokenBy(
  target: Snapshot | undefined,
  source: string,
  newest: Pick<Snapshot, 'metadata' | 'version'>,
): string | undefined {
  const applied = appliedVersion(target, source);
  if (applied === undefined) return undefined;
  const id = target?.configuration[sourceIdProperty(source)];
  if (id !== undefined && id !== newest.metadata.id) return anotherTable(source);
  return newest.version < applied
    ? `${source} is at version ${newest.version}, before version ${applied} that was applied`
    : undefined;
}

/** What is told of a source that was made anew. */
export function anotherTable(source: string): string {
  return `${source} is another table than before`;
}

/** What is told of a source that a table has applied nothing of. */
export function newSource(source: string): string {
  return `${source} is new to it`;
}
