import { IgarapeError } from '../../core/errors.ts';
import type { SourceVersion } from '../port.ts';
import type { DatasetView, KaggleApi } from './api.ts';
import { parseKaggleTime } from './time.ts';
import type { Ref } from './wire.ts';

/**
 * A data set's versions, oldest first: as Kaggle lists them, or, where it lists none, every number that it does not
 * answer with 404, for owners may delete versions.
 */
export async function listVersions(api: KaggleApi, ref: Ref, view: DatasetView): Promise<SourceVersion[]> {
  const listed = view.versions ?? [];
  if (listed.length > 0) {
    return listed
      .toSorted((a, b) => a.versionNumber - b.versionNumber)
      .map(({ versionNumber, creationDate }) => sourceVersion(versionNumber, creationDate));
  }
  const found: SourceVersion[] = [];
  for (let number = 1; number < view.currentVersionNumber; number += 1) {
    if (await exists(api, ref, number)) found.push(sourceVersion(number, undefined));
  }
  return [...found, sourceVersion(view.currentVersionNumber, view.lastUpdated)];
}

async function exists(api: KaggleApi, ref: Ref, number: number): Promise<boolean> {
  try {
    await api.listFiles(ref, number, 1);
    return true;
  } catch (error) {
    if (error instanceof IgarapeError && error.code === 'SOURCE_NOT_FOUND') return false;
    throw error;
  }
}

function sourceVersion(number: number, time: string | null | undefined): SourceVersion {
  const timeMicros = parseKaggleTime(time ?? undefined);
  return timeMicros === undefined ? { label: String(number) } : { label: String(number), timeMicros };
}
