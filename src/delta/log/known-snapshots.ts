import { IgarapeError } from '../../core/errors.ts';
import type { Disk } from '../files/disk.ts';
import { changeSince } from './segment.ts';
import { followSnapshot, loadSnapshot, type Snapshot } from './snapshot.ts';

/** The versions of a table that are known already, of which none ever changes. */
export class KnownSnapshots {
  readonly #disk: Disk;
  readonly #older = new Map<number, Snapshot>();
  #newest: Snapshot;

  constructor(disk: Disk, newest: Snapshot) {
    this.#disk = disk;
    this.#newest = newest;
  }

  /** The newest that is known, without a look at the log. */
  get last(): Snapshot {
    return this.#newest;
  }

  /** The newest snapshot; of the log no more is read than what has come. @throws IgarapeError DELTA_CONFLICT */
  async newest(): Promise<Snapshot> {
    const known = this.#newest;
    const change = await changeSince(this.#disk.storage, known.segment);
    if (change.kind === 'none') return known;
    const followed =
      change.kind === 'newer' ? await followSnapshot(this.#disk, known, change.next) : undefined;
    const newest = followed ?? (await loadSnapshot(this.#disk));
    if (change.kind === 'other') {
      if (newest.version < known.version || newest.metadata.id !== known.metadata.id) {
        throw new IgarapeError(
          'DELTA_CONFLICT',
          `${this.#disk.storage.uri} was replaced by another table since it was opened`,
          { hint: 'Open it again.' },
        );
      }
      this.#older.clear();
    } else this.#keep(known);
    this.#newest = newest;
    return newest;
  }

  /** A version that is at hand. */
  known(version: number): Snapshot | undefined {
    return version === this.#newest.version ? this.#newest : this.#older.get(version);
  }

  /** A version up to the newest that is known. @throws IgarapeError DELTA_VERSION */
  async at(version: number): Promise<Snapshot> {
    const known = this.known(version);
    if (known !== undefined) return known;
    const snapshot = await loadSnapshot(this.#disk, version);
    this.#keep(snapshot);
    return snapshot;
  }

  #keep(older: Snapshot): void {
    if (older.fileCount > MOST_FILES) return;
    const [first] = this.#older.keys();
    if (first !== undefined && this.#older.size >= MOST_KEPT) this.#older.delete(first);
    this.#older.set(older.version, older);
  }
}

/** So many older versions, of so few files each, are kept at hand. */
const MOST_KEPT = 4;
const MOST_FILES = 1000;
