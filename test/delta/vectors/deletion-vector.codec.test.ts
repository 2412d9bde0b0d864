import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeletionVectorDescriptor } from '../../../src/delta/protocol/actions.ts';
import {
  deletionVectorFile,
  inlineDeletionVector,
  readDeletionVector,
  vectorPath,
} from '../../../src/delta/vectors/deletion-vector.ts';
import { decodeRowBitmap, encodeRowBitmap } from '../../../src/delta/vectors/row-bitmap.ts';
import { RowSet } from '../../../src/delta/vectors/row-set.ts';
import { decodeZ85, encodeZ85 } from '../../../src/delta/vectors/z85.ts';
import { openDisk } from '../disk.ts';

/** Rows of which some are close together, some fill a container, and some lie beyond 2^32. */
const rowSets = fc
  .array(
    fc.oneof(
      fc.record({
        start: fc.nat(200_000),
        length: fc.integer({ min: 1, max: 6000 }),
        step: fc.integer({ min: 1, max: 5 }),
      }),
      fc.record({
        start: fc.nat(2 ** 31 - 1).map((n) => n * 1024),
        length: fc.constant(3),
        step: fc.constant(65_536),
      }),
    ),
    { maxLength: 5 },
  )
  .map((runs) => {
    const rows = runs.flatMap(({ start, length, step }) =>
      Array.from({ length }, (_, index) => start + index * step),
    );
    return [...new Set(rows)].toSorted((left, right) => left - right);
  });

/** One container with the runs 2-4 and 10-10. */
const RUNS = 'd1d339640100000000000000000000003b30000001000003000200020002000a000000';

describe('Z85', () => {
  it('gives back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...decodeZ85(encodeZ85(bytes)).subarray(0, bytes.length)]).toEqual([...bytes]);
      }),
    );
  });

  it('reads the example of its own specification', () => {
    expect(encodeZ85(Buffer.from('864fd26fb559f75b', 'hex'))).toBe('HelloWorld');
  });

  it('reads a last group of fewer bytes', () => {
    expect([...decodeZ85('00000##093')]).toEqual([0, 0, 0, 0, 3, 0]);
  });

  it.each(['Hell', 'Hello Worl', '%nSc1', '###zz', '####0'])('refuses what is none: %s', (text) => {
    expect(() => decodeZ85(text)).toThrow(RangeError);
  });
});

describe('the bitmap of rows', () => {
  it('gives back any set of rows', () => {
    fc.assert(
      fc.property(rowSets, (rows) => {
        expect(decodeRowBitmap(encodeRowBitmap(RowSet.of(rows)))).toEqual(rows);
      }),
    );
  });

  it('reads runs, which others write', () => {
    const bytes = Buffer.from(RUNS, 'hex');
    expect(decodeRowBitmap(bytes)).toEqual([2, 3, 4, 10]);
  });

  it('never takes cut or damaged bytes for other rows without an error of its own kind', () => {
    fc.assert(
      fc.property(rowSets, fc.nat(), fc.nat(255), (rows, position, byte) => {
        const bytes = encodeRowBitmap(RowSet.of(rows));
        const at = position % bytes.length;
        expect(() => decodeRowBitmap(bytes.subarray(0, at))).toThrow(RangeError);
        bytes[at] = byte;
        expect(kindOfEnd(() => decodeRowBitmap(bytes))).not.toBe('another error');
      }),
    );
  });
});

describe('a deletion vector', () => {
  it('comes back from the log itself', async () => {
    const disk = await openDisk();
    expect(await readDeletionVector(disk, inlineDeletionVector(RowSet.of([3, 4, 7, 11, 18, 29])))).toEqual([
      3, 4, 7, 11, 18, 29,
    ]);
  });

  it('reads what another engine has put in the log', async () => {
    const vector: DeletionVectorDescriptor = {
      storageType: 'i',
      pathOrInlineDv: '^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L',
      sizeBytes: 44,
      cardinality: 6,
    };
    expect(await readDeletionVector(await openDisk(), vector)).toEqual([3, 4, 7, 11, 18, 29]);
  });

  it('comes back from a file that holds several', async () => {
    const disk = await openDisk();
    const { key, bytes, descriptors } = deletionVectorFile(
      randomUUID(),
      [[1], [0, 70_000], [5, 6]].map((rows) => RowSet.of(rows)),
    );
    await disk.storage.putIfAbsent(key, bytes);
    const read = await Promise.all(descriptors.map((vector) => readDeletionVector(disk, vector)));
    expect(read).toEqual([[1], [0, 70_000], [5, 6]]);
  });

  it('has its file in the folder that stands before its name', () => {
    const vector = { pathOrInlineDv: 'ab^-aqEH.-t@S}K{vb[*k^', sizeBytes: 40, cardinality: 6 };
    expect(vectorPath({ storageType: 'u', ...vector }, 'table')).toBe(
      'ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin',
    );
  });

  it.each([
    ['a wrong checksum', (file: Uint8Array) => file.fill(99, file.length - 6), /its checksum is wrong/],
    ['another version', (file: Uint8Array) => file.fill(2, 0, 1), /the unknown version 2/],
    ['another size', (file: Uint8Array) => file.fill(9, 4, 5), /it has 9 bytes, and the log says/],
  ])('with %s is refused with its file', async (_what, damage, message) => {
    const disk = await openDisk();
    const { key, bytes, descriptors } = deletionVectorFile(randomUUID(), [RowSet.of([1, 2])]);
    damage(bytes);
    await disk.storage.putIfAbsent(key, bytes);
    const [vector] = descriptors;
    if (vector === undefined) throw new Error('no vector');
    await expect(readDeletionVector(disk, vector)).rejects.toMatchObject({
      code: 'DELTA_CORRUPT',
      message: expect.stringMatching(message),
    });
    await expect(readDeletionVector(disk, vector)).rejects.toThrow(key);
  });

  it('is refused where its file is missing or cut, or its rows are not as many as the log says', async () => {
    const disk = await openDisk();
    const { key, bytes, descriptors } = deletionVectorFile(randomUUID(), [RowSet.of([1, 2])]);
    const [vector] = descriptors;
    if (vector === undefined) throw new Error('no vector');
    await expect(readDeletionVector(disk, vector)).rejects.toThrow(/it is missing/);
    await disk.storage.putIfAbsent(key, bytes.subarray(0, 20));
    await expect(readDeletionVector(disk, vector)).rejects.toThrow(/the file ends before it/);
    await disk.storage.delete([key]);
    await disk.storage.putIfAbsent(key, bytes);
    await expect(readDeletionVector(disk, { ...vector, cardinality: 3 })).rejects.toThrow(
      /has 2 rows, and the log says 3/,
    );
  });
});

function kindOfEnd(call: () => unknown): 'result' | 'range error' | 'another error' {
  try {
    call();
    return 'result';
  } catch (error) {
    return error instanceof RangeError ? 'range error' : 'another error';
  }
}
