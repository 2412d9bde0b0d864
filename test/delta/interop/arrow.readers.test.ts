import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import type { RowSource } from '../../../src/delta/write/given-rows.ts';
import { describeWith } from '../../support/external.ts';
import { useTempDir } from '../../support/tmp.ts';
import { polarsPython } from './peers.ts';

const dir = useTempDir();

/** The rows of a new table, in no order, of which the second has nothing but nulls. */
async function read(rows: RowSource): Promise<unknown> {
  const table = await DeltaTable.create(join(dir(), String(Math.random())), { rows });
  const found = await (await table.read()).toArray();
  await table.close();
  return found.toSorted((row) => (Object.values(row).every((value) => value === null) ? 1 : -1))[0];
}

describeWith(await polarsPython(), 'Arrow streams of Polars and PyArrow', (python) => {
  it('go into a table, and ours into theirs', { timeout: 60_000 }, async () => {
    const table = await DeltaTable.create(join(dir(), 'ours'), {
      rows: `SELECT i AS id, 'é' || i AS s, i * 0.5::DOUBLE AS f, CAST(-i AS DECIMAL(38,2)) AS x, i % 2 = 0 AS b, '\\x00\\xFF'::BLOB AS y,
        DATE '2024-01-31' AS d, TIMESTAMP '2024-01-31 12:00:00.123456' AS t, TIMESTAMPTZ '0001-01-01 00:00:00.000001Z' AS z,
        [i, NULL] AS l, {'a': i, 'n': NULL::INTEGER} AS o, MAP {'k': [i]} AS m FROM range(3) AS r(i)
        UNION ALL SELECT 3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL`,
    });
    const rows = await table.read();
    await pipeline(Readable.from(rows.arrowStream()), createWriteStream(join(dir(), 'ours.arrows')));
    await table.close();
    const script = join(import.meta.dirname, 'arrow_streams.py');
    const { stdout } = await promisify(execFile)(python, [script, dir()], {
      env: { ...process.env, PYTHONUTF8: '1' },
    });
    const theirs = JSON.parse(stdout);
    expect(theirs.same).toBe(true);
    expect(theirs.types).toEqual([
      'int64',
      'string',
      'double',
      'decimal128(38, 2)',
      'bool',
      'binary',
      'date32[day]',
      'timestamp[us]',
      'timestamp[us, tz=UTC]',
      'list<element: int64>',
      'struct<a: int64, n: int32>',
      'map<string, list<element: int64>>',
    ]);
    const none = {
      s: null,
      f: null,
      x: null,
      b: null,
      y: null,
      d: null,
      t: null,
      z: null,
      l: null,
      o: null,
      m: null,
    };
    expect(theirs.rows.toSorted((left: { id: number }, right: { id: number }) => left.id - right.id)).toEqual(
      [
        ...[0, 1, 2].map((id) => ({
          id,
          s: `é${id}`,
          f: id / 2,
          x: id === 0 ? '0.00' : `-${id}.00`,
          b: id % 2 === 0,
          y: String.raw`b'\x00\xff'`,
          d: '2024-01-31',
          t: '2024-01-31 12:00:00.123456',
          z: '0001-01-01 00:00:00.000001+00:00',
          l: [id, null],
          o: { a: id, n: null },
          m: [['k', [id]]],
        })),
        { id: 3, ...none },
      ],
    );

    const polars = {
      s: 'a view that is longer than twelve bytes',
      n: 1n,
      l: [1n, null],
      t: '2024-01-31T12:00:00.123456',
      z: '2024-01-31T12:00:00.123456Z',
      d: '2024-01-31',
      x: '-1.25',
      c: 'x',
      o: expect.objectContaining({ a: 1n }),
      b: Uint8Array.of(0, 255),
    };
    for (const name of ['polars.arrows', 'polars.arrow']) {
      // In pieces of any size, and as a whole.
      expect(await read(createReadStream(join(dir(), name), { highWaterMark: 61 }))).toEqual(polars);
      expect(await read(await readFile(join(dir(), name)))).toEqual(polars);
    }
    expect(await read(createReadStream(join(dir(), 'pyarrow.arrows')))).toEqual({
      m: new Map([
        ['a', 1n],
        ['b', null],
      ]),
      s: 'x',
      l: [1.5],
      f: [1, 2],
      u: '18446744073709551615',
      x: '1.50',
      t: '2023-11-14T22:13:20.123000',
      c: 'p',
      v: null,
    });
    await expect(read(createReadStream(join(dir(), 'compressed.arrows')))).rejects.toMatchObject({
      code: 'DELTA_QUERY',
      message: expect.stringContaining('compressed'),
    });
  });
});
