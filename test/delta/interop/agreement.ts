import {
  changesOf,
  historyOf,
  rowsAt,
  type Traveled,
  versionsOf,
  writtenChanges,
  writtenRows,
} from './expected.ts';
import type { DeltaPeer } from './peers.ts';

/** How a peer gets at a table, and where it leaves what it reads. */
export interface Place {
  /** What the paths of files that peers write begin with. */
  readonly out: string;
  /** What delta-rs calls storage options: the access to a bucket. */
  readonly storage?: Readonly<Record<string, string>>;
}

/**
 * A peer and a table that both it and we read. Every question resolves what the answers differ in, a few differences of
 * each kind: nothing where both agree.
 */
export class Agreement {
  readonly #peer: Pick<DeltaPeer, 'ask'>;
  readonly #traveled: Traveled;
  readonly #place: Place;
  #reads = 0;

  constructor(peer: Pick<DeltaPeer, 'ask'>, traveled: Traveled, place: Place = { out: traveled.path }) {
    this.#peer = peer;
    this.#traveled = traveled;
    this.#place = place;
  }

  async onVersions(): Promise<string[]> {
    const found: string[] = [];
    for (const version of versionsOf(this.#traveled)) found.push(...(await this.onRows(version)));
    return found;
  }

  async onNewest(): Promise<string[]> {
    return this.onRows((await this.#traveled.table.snapshot()).version);
  }

  async onRows(version: number): Promise<string[]> {
    const { table, path } = this.#traveled;
    const out = this.#out();
    await this.#peer.ask({ kind: 'read', table: path, version, out, ...this.#storage() });
    return differences(`version ${version}`, await rowsAt(table, version), await writtenRows(table, out));
  }

  /** @param isCompared Says of which versions, if not of all. */
  async onChanges(
    from: number,
    to: number,
    isCompared = (_version: number): boolean => true,
  ): Promise<string[]> {
    const { table, path } = this.#traveled;
    const out = this.#out();
    await this.#peer.ask({ kind: 'changes', table: path, from, to, out, ...this.#storage() });
    const compared = (changes: readonly string[]): string[] =>
      changes.filter((change) => isCompared(Number(/_commit_version: (\d+)n/.exec(change)?.[1])));
    const [ours, theirs] = [await changesOf(table, from, to), await writtenChanges(table, out)];
    return differences(`changes from ${from} to ${to}`, compared(ours), compared(theirs));
  }

  /** Of one version alone, in the columns of the newest. */
  async onChangesOf(version: number): Promise<string[]> {
    const { table, path } = this.#traveled;
    const out = this.#out();
    await this.#peer.ask({
      kind: 'changes',
      table: path,
      from: version,
      to: version,
      out,
      ...this.#storage(),
    });
    const all = await changesOf(table, version, (await table.snapshot()).version);
    const ours = all.filter((change) => change.includes(`_commit_version: ${version}n,`));
    return differences(`changes of ${version}`, ours, await writtenChanges(table, out));
  }

  async onHistory(): Promise<string[]> {
    const { table, path } = this.#traveled;
    const theirs = await this.#peer.ask({ kind: 'history', table: path });
    if (!Array.isArray(theirs)) return [`no history: ${JSON.stringify(theirs)}`];
    const ours = (await historyOf(table)).map((entry) => JSON.stringify(entry));
    return differences(
      'history',
      ours,
      theirs.map((entry) => JSON.stringify(entry)),
    );
  }

  #out(): string {
    this.#reads += 1;
    return `${this.#place.out}-read-${this.#reads}.parquet`;
  }

  #storage(): Pick<Place, 'storage'> {
    return this.#place.storage === undefined ? {} : { storage: this.#place.storage };
  }
}

/** What our changes of versions, applied to our rows before them, do not give of our rows after them. */
export async function notLedTo({ table }: Traveled, from: number, to: number): Promise<string[]> {
  const led = await rowsAt(table, from - 1);
  const gone: string[] = [];
  for (const change of await changesOf(table, from, to)) {
    const [, type = '', row = ''] =
      /^\{_change_type: "(\w+)",_commit_version: \d+n,(.*)$/s.exec(change) ?? [];
    (type === 'insert' || type === 'update_postimage' ? led : gone).push(`{${row}`);
  }
  return differences(`versions ${from} to ${to}`, [...(await rowsAt(table, to)), ...gone], led);
}

/** The texts that one side has more often than the other. */
function differences(what: string, ours: readonly string[], theirs: readonly string[]): string[] {
  if (ours.length + theirs.length === 0) return [`${what}: there is nothing to compare`];
  const times = new Map<string, number>();
  for (const one of ours) times.set(one, (times.get(one) ?? 0) + 1);
  for (const one of theirs) times.set(one, (times.get(one) ?? 0) - 1);
  const of = (side: string, sign: number): string[] =>
    [...times].filter(([, by]) => by * sign > 0).map(([one]) => `${what}, only ${side}: ${one}`);
  return [...of('ours', 1).slice(0, 3), ...of('theirs', -1).slice(0, 3)];
}
