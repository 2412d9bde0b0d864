import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

function open(written: object = {}, folder = dir()): Scenario {
  return openScenario(folder, {
    tables: [{ name: 't', pk: 'id', file: 't_*', max_delete_ratio: 1, ...written }],
  });
}

/** Files without a header and without rows: of CSV, and of JSON as pages of an API are. */
const EMPTY = {
  csv: ['', '\n\n', '\r\n', '\uFEFF', gzipSync('')],
  jsonl: ['', '\n', '[]', '{"count": 0, "data": [ ]}', gzipSync('[]')],
};
const ROWS = {
  csv: (ids: readonly number[]) => `id,v\n${ids.map((id) => `${id},a\n`).join('')}`,
  jsonl: (ids: readonly number[]) => ids.map((id) => `{"id":${id},"v":"a"}\n`).join(''),
};

describe('an empty file of many', () => {
  test('is one that adds no rows, wherever it stands, in every form', async () => {
    const draw = fc.constantFrom('csv' as const, 'jsonl' as const).chain((format) =>
      fc.record({
        format: fc.constant(format),
        files: fc.array(fc.option(fc.constantFrom(...EMPTY[format])), { minLength: 1, maxLength: 4 }),
        mode: fc.constantFrom({}, { mode: 'append', pk: undefined }),
      }),
    );
    let count = 0;
    await fc.assert(
      fc.asyncProperty(draw, async ({ format, files, mode }) => {
        fc.pre(files.includes(null) && !(format === 'jsonl' && 'mode' in mode));
        count += 1;
        const lake = open({ file: `t_*.${format}*`, ...mode }, `${dir()}/${count}`);
        for (const [id, empty] of files.entries())
          await lake.write(`t_${id}.${format}`, empty ?? ROWS[format]([id]));
        const inserted = files.filter((file) => file === null).length;
        expect(await lake.runTable('t')).toMatchObject({ operation: 'full-load', inserted });
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 8) },
    );
  });

  test('holds the table where rows are gone since it is, once, and is named', async () => {
    const lake = open({ file: 't_*.csv' });
    await lake.write('t_1.csv', ROWS.csv([1, 2]));
    await lake.write('t_2.csv', ROWS.csv([3]));
    await lake.run();
    await lake.write('t_2.csv', '');
    await lake.write('t_3.csv', '');
    const held = await lake.runTable('t');
    expect(held).toMatchObject({ operation: 'held' });
    expect(held.reason).toMatch(/^Rows are gone, and t_2\.csv and 1 more is empty.*--approve t$/);
    expect(await lake.runTable('t', { approve: ['t'] })).toMatchObject({ operation: 'cdc', deleted: 1 });
    await lake.write('t_1.csv', ROWS.csv([1]));
    expect(await lake.runTable('t')).toMatchObject({ operation: 'cdc', deleted: 1 });
    await lake.write('t_1.csv', '');
    expect(await lake.runTable('t')).toMatchObject({
      operation: 'failed',
      reason: expect.stringMatching(/^t_1\.csv: it is empty, without even a header/),
    });
    expect((await lake.verify()).ok).toBe(true);
  });

  test('that comes where no row is gone holds nothing', async () => {
    const lake = open({ file: 't_*.csv' });
    await lake.write('t_1.csv', ROWS.csv([1, 2]));
    await lake.run();
    await lake.write('t_1.csv', ROWS.csv([1, 2, 3]));
    await lake.write('t_2.csv', '');
    expect(await lake.runTable('t')).toMatchObject({ operation: 'cdc', inserted: 1 });
  });

  test('of a name that tells no format, as Spark writes beside its parts, adds none either', async () => {
    const lake = open({ file: 'out/*' });
    await lake.write('out/part-0.csv', ROWS.csv([1]));
    await lake.write('out/_SUCCESS', '');
    expect(await lake.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 1 });
  });

  test.each(['parquet', 'xlsx', 'sqlite', 'avro'])(
    'is refused by name where a file of its format cannot be empty: %s',
    async (format) => {
      const lake = open({ file: 't_*' });
      await lake.write('t_1.csv', ROWS.csv([1]));
      await lake.write(`t_2.${format}`, '');
      expect(await lake.runTable('t')).toMatchObject({
        operation: 'failed',
        reason: expect.stringMatching(new RegExp(`^t_2\\.${format}: it is an empty file`)),
      });
    },
  );

  test('of a table that only ever grows is none to wait for, and may get rows later', async () => {
    const lake = open({ mode: 'append', pk: undefined, file: 't_*' });
    await lake.write('t_1.csv', ROWS.csv([1]));
    await lake.run();
    await lake.write('t_2.csv.gz', gzipSync(''));
    await lake.write('t_3.csv', '\n');
    expect(await lake.runTable('t')).toMatchObject({ operation: 'unchanged' });
    await lake.write('t_3.csv', `\n${ROWS.csv([2, 3])}`);
    expect(await lake.runTable('t')).toMatchObject({ operation: 'cdc', inserted: 2 });
  });
});
