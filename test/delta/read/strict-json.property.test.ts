import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { quoteText } from '../../../src/engine/quote.ts';
import { DeltaTable } from '../../../src/delta/table.ts';
import { openMemoryStorage } from '../../../src/storage/memory.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openDisk } from '../disk.ts';

const dir = useTempDir();

const float = fc.constantFrom('nan', 'infinity', '-infinity', '1.5', '-0.5', '1048576', '0.125');
const text = fc.constantFrom('NaN', ',.5', '":-.5\\', '[Infinity', '{"a":.5}', 'plain', '');
const decimal = fc.constantFrom('0.5', '-0.5', '0.0', '0.1');

it('what is written as JSON lines is JSON to every reader, of numbers that JSON lacks, too', async () => {
  const { engine } = await openDisk();
  const drawn = fc.record({ d: float, f: float, s: text, m: decimal });
  await fc.assert(
    fc.asyncProperty(fc.array(drawn, { minLength: 1, maxLength: 3 }), async (values) => {
      const rows = values.map(({ d, f, s, m }) => {
        const [of, t, dec] = [`'${d}'::DOUBLE`, quoteText(s), `'${m}'::DECIMAL(1,1)`];
        return `SELECT ${of} AS d, {'f': '${f}'::FLOAT, 's': ${t}} AS n, [${of}, NULL] AS l, ${t} AS s,
          {'m': ${dec}, 's': ${t}, 'l': [${dec}]}::VARIANT AS v, ${dec}::VARIANT AS w`;
      });
      const table = await DeltaTable.create(openMemoryStorage(), { engine, rows: rows.join(' UNION ALL ') });
      await using read = await table.read();
      const path = join(dir(), 'rows.jsonl');
      await read.writeTo(path, 'jsonl');
      const lines = (await readFile(path, 'utf8')).trim().split('\n');
      const number = (value: string): number | string => {
        const is = Number(value.replace('infinity', 'Infinity'));
        return Number.isFinite(is) ? is : String(is);
      };
      const expected = values.map(({ d, f, s, m }) => ({
        d: number(d),
        n: { f: number(f), s },
        l: [number(d), null],
        s,
        v: { m: Number(m), s, l: [Number(m)] },
        w: Number(m),
      }));
      expect(lines.map((line) => JSON.parse(line))).toEqual(expect.arrayContaining(expected));
      expect(lines).toHaveLength(values.length);
      await table.close();
    }),
    { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 20) },
  );
});
