import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

function table(options: object = {}): Scenario {
  return openScenario(dir(), {
    tables: [{ name: 't', pk: 'id', max_delete_ratio: 1, max_update_ratio: 1, ...options }],
  });
}

const ROWS = '1,alfa\n2,beta\n3,gamma\n';

test('a file that is cut within its last line is held, and what it holds is shown', async () => {
  const scenario = table();
  await scenario.write('t.csv', `id,v\n${ROWS}`);
  await scenario.run();
  await scenario.write('t.csv', `id,v\n${ROWS.slice(0, -3)}`);
  const cut = await scenario.runTable('t');
  expect(cut).toMatchObject({ operation: 'held' });
  expect(cut.reason).toMatch(/^The last line of t\.csv has no end.*v: gamma → gam.*--approve t$/);
  expect(await scenario.runTable('t', { approve: ['t'] })).toMatchObject({ operation: 'cdc', updated: 1 });
  // Whoever approves it has a file that ends so.
  await scenario.write('t.csv', `id,v\n${ROWS}4,delta`);
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'cdc', updated: 1, inserted: 1 });
});

test('a file that never had an end at its last line, or loses nothing but that, is as others are', async () => {
  const scenario = table();
  await scenario.write('t.csv', `id,v\n${ROWS.trimEnd()}`);
  await scenario.run();
  await scenario.write('t.csv', 'id,v\n1,alfa\n2,beta');
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'cdc', deleted: 1 });
  await scenario.write('t.csv', 'id,v\n1,alfa\n2,beta\n');
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'unchanged' });
  await scenario.write('t.csv', 'id,v\n1,alfa\n2,beta');
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'unchanged' });
});

test('a new file among many whose last line has no end is held, and named', async () => {
  const scenario = table({ file: 't_*.csv' });
  await scenario.write('t_1.csv', `id,v\n${ROWS}`);
  await scenario.run();
  await scenario.write('t_2.csv', 'id,v\n4,del');
  const cut = await scenario.runTable('t');
  expect(cut.reason).toMatch(/^The last line of t_2\.csv has no end/);
});

test('no change comes from a file that is cut anywhere but at the end of a line', async () => {
  const field = fc.constantFrom(
    '',
    'a',
    '1',
    '1.5',
    '"x"',
    '"x ""y"" z"',
    '"1,5"',
    '"a\nb"',
    'é',
    '2024-10-05',
  );
  const draw = fc.record({
    rows: fc.array(fc.tuple(field, field), { minLength: 2, maxLength: 5 }),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    options: fc.constantFrom(
      {},
      { encoding: 'utf-16le' },
      { bad_lines: 'reject' },
      { skip: 1 },
      { footer: 1 },
    ),
    isPacked: fc.boolean(),
    row: fc.nat({ max: 4 }),
    missing: fc.nat({ max: 4 }),
  });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(draw, async ({ rows, lineEnd, options, isPacked, row, missing }) => {
      count += 1;
      const name = `t${count}`;
      const scenario = openScenario(`${dir()}/${count}`, {
        tables: [{ name, pk: 'id', max_delete_ratio: 1, max_update_ratio: 1, ...options }],
      });
      const lines = rows.map((fields, index) => [index, ...fields].join(','));
      const header = `${'skip' in options ? `title${lineEnd}` : ''}id,v,w${lineEnd}`;
      const footer = 'footer' in options ? `total${lineEnd}` : '';
      const text = header + lines.join(lineEnd) + lineEnd + footer;
      const before = header + lines.slice(0, row + 1).join(lineEnd);
      const cut = before.slice(0, before.length - missing);
      const write = (content: string): Promise<void> => {
        const bytes = Buffer.from(content, 'encoding' in options ? 'utf16le' : 'utf8');
        return scenario.write(
          isPacked ? `${name}.csv.gz` : `${name}.csv`,
          isPacked ? gzipSync(bytes) : bytes,
        );
      };
      await write(text);
      expect(await scenario.runTable(name)).toMatchObject({ operation: 'full-load' });
      await write(cut);
      const { operation } = await scenario.runTable(name);
      fc.pre(!/[\r\n]$/.test(cut));
      expect(operation === 'cdc' ? cut : '').toBe('');
    }),
    { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 12) },
  );
});
