/** Rows of a container: those whose numbers are the same but for the lowest 16 bits. */
export const CONTAINER_ROWS = 65_536;
export const CONTAINER_BYTES: number = CONTAINER_ROWS / 8;

/**
 * Row numbers, safe integers of 0 and up, as bits: a container of 8 KB for every 65,536 numbers of which one at least is
 * in the set, so that millions take little memory.
 */
export class RowSet {
  readonly #containers = new Map<number, Uint8Array>();

  static of(rows: Iterable<number>): RowSet {
    const set = new RowSet();
    for (const row of rows) set.add(row);
    return set;
  }

  /** How many rows it has. */
  get size(): number {
    let size = 0;
    for (const bits of this.#containers.values()) size += countBits(bits);
    return size;
  }

  add(row: number): void {
    const bits = this.#container(Math.floor(row / CONTAINER_ROWS));
    const low = row % CONTAINER_ROWS;
    bits[low >> 3] = (bits[low >> 3] ?? 0) | (1 << (low & 7));
  }

  /** Adds rows of a container; the first of them is the lowest bit of the first byte. */
  addBits(container: number, added: Uint8Array): void {
    const bits = this.#container(container);
    for (let index = 0; index < CONTAINER_BYTES; index += 1)
      bits[index] = (bits[index] ?? 0) | (added[index] ?? 0);
  }

  /** The containers that have rows, by number, ascending. */
  containers(): [number, Uint8Array][] {
    return [...this.#containers].toSorted(([left], [right]) => left - right);
  }

  #container(number: number): Uint8Array {
    const known = this.#containers.get(number);
    if (known !== undefined) return known;
    const bits = new Uint8Array(CONTAINER_BYTES);
    this.#containers.set(number, bits);
    return bits;
  }
}

export function countBits(bits: Uint8Array): number {
  let count = 0;
  for (let index = 0; index < bits.length; index += 1)
    for (let byte = bits[index] ?? 0; byte !== 0; byte &= byte - 1) count += 1;
  return count;
}
