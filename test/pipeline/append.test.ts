import { appendFile, mkdtemp, rename, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../src/config/resolve.ts';
import { openLocalStorage } from '../../src/storage/local.ts';
import { silentLogger } from '../../src/core/log.ts';
import { layerRows } from '../support/layers.ts';
import { openScenario, type Scenario, type ScenarioOptions } from '../support/scenario.ts';
import { zstdOf } from '../support/zstd.ts';
import { useTempDir } from '../support/tmp.ts';
import { wrapStorage } from '../support/wrapped-storage.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 4);
const LOG = { name: 'log', mode: 'append', file: 'log_*.csv' };

function open(written: object = {}, options: ScenarioOptions = {}, folder = dir()): Scenario {
  return openScenario(folder, { tables: [{ ...LOG, ...written }] }, options);
}

const lines = (...values: readonly string[]): string => values.map((value) => `${value}\n`).join('');
const file = (...values: readonly string[]): string => `v\n${lines(...values)}`;
const add = (name: string, text: string): Promise<void> => appendFile(join(dir(), 'source', name), text);

/** How a text is written in each encoding. */
const ENCODED: Readonly<Record<string, (text: string) => Buffer>> = {
  'utf-8': (text) => Buffer.from(text),
  'utf-8 with mark': (text) => Buffer.from(`\uFEFF${text}`),
  'utf-16le': (text) => Buffer.from(text, 'utf16le'),
  'utf-16be with mark': (text) => Buffer.from(`\uFEFF${text}`, 'utf16le').swap16(),
  // The one character of two bytes that is drawn.
  shift_jis: (text) => Buffer.from(text.replaceAll('\u3042', '\u0082\u00A0'), 'latin1'),
};

async function places(lake: Scenario): Promise<string[]> {
  const rows = await lake.query('SELECT _file, _row::VARCHAR AS _row, v::VARCHAR AS v FROM log ORDER BY ALL');
  return rows.map((row) => `${String(row['_file'])} ${String(row['_row'])} ${String(row['v'])}`);
}

describe('a table that only ever grows', () => {
  test('takes new files and lines at the end of old ones, and keeps what is gone', async () => {
    const lake = open();
    await lake.write('log_1.csv', file('a', 'a'));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'full-load', inserted: 2 });
    expect((await lake.run()).report.run).toBeNull();
    await lake.write('log_2.csv', file('b'));
    await add('log_1.csv', lines('c', 'd'));
    expect(await lake.runTable('log')).toMatchObject({
      operation: 'cdc',
      inserted: 3,
      updated: 0,
      deleted: 0,
      unchanged: 2,
    });
    await lake.remove('log_1.csv');
    expect(await lake.runTable('log')).toMatchObject({ operation: 'unchanged', unchanged: 5 });
    await lake.remove('log_2.csv');
    expect(await lake.runTable('log')).toMatchObject({ operation: 'unchanged', unchanged: 5 });
    expect(await places(lake)).toEqual([
      'log_1.csv 1 a',
      'log_1.csv 2 a',
      'log_1.csv 3 c',
      'log_1.csv 4 d',
      'log_2.csv 1 b',
    ]);
    const changes = await lake.query(
      'SELECT _file, _row::INTEGER AS _row, _cdc_operation AS o FROM cdc.log ORDER BY _cdc_sequence',
    );
    expect(changes).toEqual([
      { _file: 'log_1.csv', _row: 3, o: 'I' },
      { _file: 'log_1.csv', _row: 4, o: 'I' },
      { _file: 'log_2.csv', _row: 1, o: 'I' },
    ]);
    expect((await lake.verify()).ok).toBe(true);
  });

  test('a name that rows are known by is not free for another file, however that got it', async () => {
    const lake = open();
    const move = (from: string, to: string): Promise<void> =>
      rename(join(dir(), 'source', from), join(dir(), 'source', to));
    await lake.write('log_b.csv', file('a'));
    await lake.run();
    await move('log_b.csv', 'log_c.csv');
    await lake.run();
    await lake.write('log_b.csv', file('other'));
    expect(await lake.runTable('log')).toMatchObject({
      operation: 'held',
      reason: expect.stringMatching(/log_b\.csv was taken before/),
    });
    await lake.remove('log_b.csv');
    await lake.write('log_a.csv', file('b', 'b'));
    expect(await lake.runTable('log')).toMatchObject({ inserted: 2 });
    await move('log_a.csv', 'log_b.csv');
    expect(await lake.runTable('log')).toMatchObject({ operation: 'held' });
    await move('log_b.csv', 'log_d.csv');
    await move('log_c.csv', 'log_b.csv');
    expect(await lake.runTable('log')).toMatchObject({ operation: 'unchanged' });
    await add('log_b.csv', lines('c'));
    expect(await lake.runTable('log')).toMatchObject({ inserted: 1 });
    expect(await places(lake)).toEqual(['log_a.csv 1 b', 'log_a.csv 2 b', 'log_b.csv 1 a', 'log_b.csv 2 c']);
    expect((await lake.verify()).ok).toBe(true);
  });

  test.each([{ skip: 1 }, { header: false, columns: ['v'] }, { comment: '#' }, { bad_lines: 'reject' }])(
    'a file is not read on by other options than it was begun with: %j',
    async (options) => {
      const lake = open({ columns: ['v'] });
      await lake.write('log_1.csv', file('a', '#b'));
      await lake.run();
      const other = open({ columns: ['v'], ...options });
      await lake.write('log_2.csv', file('a', '#b'));
      expect(await other.runTable('log')).toMatchObject({ operation: 'cdc' });
      const rows = await places(lake);
      await add('log_1.csv', lines('c', 'd'));
      expect(await other.runTable('log')).toMatchObject({
        operation: 'held',
        reason: expect.stringMatching(/log_1\.csv has grown since it was taken/),
      });
      expect(await places(lake)).toEqual(rows);
    },
  );

  test('knows a renamed file for the one that was taken, and reads nothing twice', async () => {
    const told: string[] = [];
    const log = { ...silentLogger, warn: (_: unknown, text: string) => told.push(text) };
    const lake = open({}, { edge: { log } });
    await lake.write('log_1.csv', file('a'));
    await lake.run();
    await rename(join(dir(), 'source/log_1.csv'), join(dir(), 'source/log_9.csv'));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'unchanged', unchanged: 1 });
    const words = 'log_9.csv is what log_1.csv was, which is gone: its row was taken before';
    expect(told).toEqual([words]);
    expect((await lake.run()).report.run).toBeNull();
    expect(told).toEqual([words]);
    await add('log_9.csv', lines('b'));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'cdc', inserted: 1 });
    expect(await places(lake)).toEqual(['log_1.csv 1 a', 'log_9.csv 2 b']);
    await lake.write('log_3.csv', file('a', 'b'));
    expect(await lake.runTable('log')).toMatchObject({ inserted: 2 });
    await utimes(join(dir(), 'source/log_3.csv'), 1, 1);
    expect(await lake.runTable('log')).toMatchObject({ operation: 'unchanged', unchanged: 4 });
    expect((await lake.run()).report.run).toBeNull();
  });

  test('a renamed file that has grown gives its new lines, and the log tells why no more', async () => {
    const told: string[] = [];
    const log = { ...silentLogger, warn: (_: unknown, text: string) => told.push(text) };
    const lake = open({}, { edge: { log } });
    await lake.write('log_new.csv', file('a', 'b'));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'full-load' });
    await add('log_new.csv', lines('c'));
    await rename(join(dir(), 'source/log_new.csv'), join(dir(), 'source/log_1.csv'));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'cdc', inserted: 1 });
    expect(await places(lake)).toEqual(['log_1.csv 3 c', 'log_new.csv 1 a', 'log_new.csv 2 b']);
    expect(told).toEqual([
      'log_1.csv begins with log_new.csv, which is gone: its first 2 rows were taken before',
    ]);
    await lake.write('log_new.csv', file('a', 'b'));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'held' });
  });

  test.each([
    ['UTF-16', '\n', 'utf-16le', 'utf16le'],
    ['lines of old Macs', '\r', 'utf-8', 'utf8'],
  ] as const)('a file of %s grows as others do', async (_what, end, encoding, bytes) => {
    const lake = open({ encoding });
    const write = (text: string): Promise<void> =>
      lake.write('log_1.csv', Buffer.from(text.replaceAll('\n', end), bytes));
    await write(file('a', 'b'));
    await lake.run();
    await write(file('a', 'b', 'c'));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'cdc', inserted: 1 });
    await write(file('a', 'b', 'cd'));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'held' });
  });

  test('a renamed file that goes on within the last line that was taken is held', async () => {
    const lake = open();
    await lake.write('log_1.csv', file('a', 'b').slice(0, -1));
    await lake.run();
    await lake.run();
    await lake.remove('log_1.csv');
    await lake.write('log_2.csv', `${file('a', 'b').slice(0, -1)}c\n`);
    expect(await lake.runTable('log')).toMatchObject({ operation: 'held' });
    await lake.write('log_2.csv', file('a', 'b', 'c'));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'cdc', inserted: 1 });
  });

  test('each line is taken once, whichever files grow, are renamed, are packed, or all of it at once', async () => {
    const pack = fc.constantFrom('', '', '.gz', '.zst');
    const step = fc.record({
      log: fc.nat({ max: 2 }),
      grows: fc.nat({ max: 2 }),
      isRenamed: fc.boolean(),
      pack,
    });
    let folder = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 4 }),
        async (steps) => {
          folder += 1;
          const lake = open({ file: 'log_*', types: { v: 'text' } }, {}, `${dir()}/${folder}`);
          const logs = new Map<number, { name: string; values: string[] }>();
          let count = 0;
          for (const changes of steps) {
            for (const change of changes) {
              const { name, values } = logs.get(change.log) ?? { name: '', values: [`${change.log}`] };
              if (/\.(?:gz|zst)$/.test(name)) continue;
              count += 1;
              const isNew = name === '' || change.isRenamed || change.pack !== '';
              const next = isNew ? `log_${count}.csv${change.pack}` : name;
              for (let line = 0; line < change.grows; line += 1)
                values.push(`${change.log} ${values.length}`);
              if (name !== '') await lake.remove(name);
              const text = Buffer.from(file(...values));
              await lake.write(
                next,
                change.pack === '.gz' ? gzipSync(text) : change.pack === '.zst' ? zstdOf(text) : text,
              );
              logs.set(change.log, { name: next, values });
            }
            await lake.run();
            const values = [...logs.values()].flatMap((log) => log.values);
            const rows = await lake.query('SELECT v FROM log ORDER BY v');
            expect(rows.map(({ v }) => v)).toEqual(values.toSorted());
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  test.each([
    ['a line that was taken is another', file('x', 'b')],
    ['a line is gone', file('a')],
    ['half a line that was taken has got its rest', `${file('a', 'b').slice(0, -1)}bb\n`],
    ['it is compressed, and longer', gzipSync(file('a', 'b', 'c'))],
  ])('holds a file of which %s, until it is as it was', async (_what, content) => {
    const lake = open();
    const whole = file('a', 'b').slice(0, -1);
    await lake.write('log_1.csv', whole);
    await lake.run();
    await lake.run();
    await lake.write('log_1.csv', content);
    await lake.write('log_2.csv', file('c'));
    for (const approve of [[], ['log']]) {
      const held = await lake.runTable('log', { approve });
      expect(held.operation).toBe('held');
      expect(held.reason).toMatch(/^log_1\.csv was taken before, and has changed since/);
    }
    await lake.write('log_1.csv', whole);
    expect(await lake.runTable('log')).toMatchObject({ operation: 'cdc', inserted: 1 });
    await lake.write('log_1.csv', content);
    expect(await lake.runTable('log', { reload: ['log'] })).toMatchObject({ operation: 'full-load' });
    expect((await lake.verify()).ok).toBe(true);
  });

  test.each(['', 'b'])('a last line without its end waits for it, and may go on: %j', async (rest) => {
    const lake = open();
    await lake.write('log_1.csv', file('a', 'b').slice(0, -1));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'full-load', inserted: 1 });
    await add('log_1.csv', `${rest}\n${lines('c')}`);
    expect(await lake.runTable('log')).toMatchObject({ inserted: 2 });
    expect(await places(lake)).toEqual(['log_1.csv 1 a', `log_1.csv 2 b${rest}`, 'log_1.csv 3 c']);
    expect((await lake.run()).report.run).toBeNull();
  });

  test('a last line without its end is taken by the run that finds its file as it was, also under another name', async () => {
    const told: string[] = [];
    const log = { ...silentLogger, warn: (_: unknown, message: string) => told.push(message) };
    const lake = open({}, { edge: { log } });
    await lake.write('log_1.csv', file('a', 'b').slice(0, -1));
    await lake.write('log_2.csv', 'v');
    await lake.write('log_3.csv', gzipSync(file('p', 'q').slice(0, -1)));
    expect(await lake.runTable('log')).toMatchObject({ inserted: 3 });
    expect(told).toEqual([
      expect.stringMatching(/^log_1\.csv: its last line/),
      expect.stringMatching(/^log_2\.csv/),
    ]);
    await rename(join(dir(), 'source/log_1.csv'), join(dir(), 'source/log_4.csv'));
    await add('log_2.csv', ',value\nx,p\ny,q');
    await lake.write('log_5.csv', 'v\nlost');
    expect(await lake.runTable('log')).toMatchObject({ inserted: 2 });
    await lake.remove('log_5.csv');
    expect(await lake.runTable('log')).toMatchObject({ inserted: 1 });
    expect(told.slice(-1)).toEqual([expect.stringMatching(/^log_5\.csv is gone before/)]);
    expect((await lake.run()).report.run).toBeNull();
    const rows = await lake.query('SELECT _file, _row::INTEGER AS n, v, value FROM log ORDER BY ALL');
    expect(rows.map((row) => Object.values(row))).toEqual([
      ['log_1.csv', 1, 'a', null],
      ['log_2.csv', 1, 'x', 'p'],
      ['log_2.csv', 2, 'y', 'q'],
      ['log_3.csv', 1, 'p', null],
      ['log_3.csv', 2, 'q', null],
      ['log_4.csv', 2, 'b', null],
    ]);
  });

  test('a first file of one row without its end is told, and taken with it', async () => {
    const lake = open();
    await lake.write('log_1.csv', 'v\na');
    expect(await lake.runTable('log')).toMatchObject({
      operation: 'failed',
      reason: expect.stringMatching(/^log_1\.csv: no row of it has its line end yet/),
    });
    await add('log_1.csv', '\n');
    expect(await lake.runTable('log')).toMatchObject({ operation: 'full-load', inserted: 1 });
  });

  test('half an object of JSON waits for its rest, and fails once nothing comes', async () => {
    const lake = open({ file: 'log_*.jsonl' });
    await lake.write('log_1.jsonl', '{"v":"a"}\n{"v":');
    expect(await lake.runTable('log')).toMatchObject({ inserted: 1 });
    expect(await lake.runTable('log')).toMatchObject({
      operation: 'failed',
      reason: expect.stringMatching(/^log_1\.jsonl: line 2 is cut off/),
    });
  });

  test('a text whose quote is never closed waits, and fails once nothing comes', async () => {
    const lake = open();
    await lake.write('log_1.csv', file('a', '"b', 'c'));
    expect(await lake.runTable('log')).toMatchObject({ inserted: 1 });
    expect(await lake.runTable('log')).toMatchObject({
      operation: 'failed',
      reason: expect.stringMatching(/^log_1\.csv: line 3: a quote is opened and not closed/),
    });
    await add('log_1.csv', '"\n');
    expect(await lake.runTable('log')).toMatchObject({ inserted: 1 });
    expect(await places(lake)).toEqual(['log_1.csv 1 a', 'log_1.csv 2 b\nc\n']);
  });

  test('wherever a file stands when a run reads it, in a character or a quoted text, each line is taken once and whole', async () => {
    const parts = fc.constantFrom('a', 'é', '\u3042', '😀', '7', ' ', '"', ',', '\n', '\r\n', '}', '\\');
    const rest = fc.array(parts, { minLength: 1, maxLength: 4 });
    const encodings = fc.constantFrom(...Object.keys(ENCODED));
    let folder = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(rest, { minLength: 2, maxLength: 6 }),
        fc.record({ isJson: fc.boolean(), end: fc.constantFrom('\n', '\r\n'), isEnded: fc.boolean() }),
        encodings,
        fc.array(fc.nat(), { maxLength: 5 }),
        async (drawn, { isJson, end, isEnded }, encoding, stops) => {
          folder += 1;
          const name = isJson ? 'log_1.jsonl' : 'log_1.csv';
          const lake = open(
            { file: name, encoding: encoding.replace(' with mark', ''), types: { n: 'text', v: 'text' } },
            {},
            `${dir()}/at-${folder}`,
          );
          const isSmall = encoding === 'shift_jis';
          const values = drawn.map((some) =>
            some.map((part) => (isSmall && /[é😀]/u.test(part) ? 'あ' : part)).join(''),
          );
          const lines = isJson
            ? values.map((v, row) => JSON.stringify({ n: `${row}`, v }))
            : ['n,v', ...values.map((value, row) => `${row},"${value.replaceAll('"', '""')}"`)];
          const bytes = ENCODED[encoding]?.(lines.join(end) + (isEnded ? end : '')) ?? Buffer.alloc(0);
          const cuts = new Set([...stops.map((stop) => stop % bytes.length), bytes.length]);
          for (const cut of [...cuts].toSorted((one, other) => one - other)) {
            await lake.write(name, bytes.subarray(0, cut));
            const { operation, reason } = await lake.runTable('log');
            // Of half a row alone there is no table yet.
            const isThere = (await lake.ledger()).length > 0;
            expect(operation, `${cut} of ${bytes.length}: ${reason}`).toMatch(
              isThere ? /^(?:full-load|cdc|unchanged)$/ : /^(?:held|failed)$/,
            );
          }
          await lake.run();
          expect((await lake.run()).report.run).toBeNull();
          const rows = await lake.query('SELECT n, v FROM log ORDER BY n');
          expect(rows).toEqual(values.map((v, row) => ({ n: `${row}`, v })));
        },
      ),
      { numRuns: RUNS * 3 },
    );
  });

  test.each([
    ['log_1.csv', { sep: ',' }],
    ['log_1.tsv', { sep: '\t' }],
    ['log_1.csv', { format: 'csv' }],
  ])('%s is read on by options that say what it shows by itself: %j', async (name, options) => {
    const plain = open({ file: 'log_*' });
    const given = open({ file: 'log_*', ...options });
    const sep = name.endsWith('.tsv') ? '\t' : ',';
    await plain.write(name, `v${sep}w\na${sep}b\n`);
    await plain.run();
    for (const lake of [given, plain, given]) {
      await add(name, `c${sep}d\n`);
      expect(await lake.runTable('log')).toMatchObject({ operation: 'cdc', inserted: 1 });
    }
  });

  test('its types widen and its columns come and go; a type that would lose its meaning is held for good', async () => {
    const lake = open();
    await lake.write('log_1.csv', 'v,n,gone\na,1,x\n');
    await lake.run();
    await lake.write('log_2.csv', 'n,v,fresh\n2.5,b,2024-01-01\n');
    expect(await lake.runTable('log')).toMatchObject({ operation: 'cdc', inserted: 1 });
    expect(await lake.query('SELECT v, n, gone, fresh::VARCHAR AS fresh FROM log ORDER BY v')).toEqual([
      { v: 'a', n: 1, gone: 'x', fresh: null },
      { v: 'b', n: 2.5, gone: null, fresh: '2024-01-01' },
    ]);
    await lake.write('log_3.csv', 'v,n\nc,many\n');
    for (const approve of [[], ['log']]) {
      expect(await lake.runTable('log', { approve })).toMatchObject({
        operation: 'held',
        reason: expect.stringMatching(/The type of n would change from double to text, for "many"/),
      });
    }
    expect((await lake.verify()).ok).toBe(true);
  });

  test('files without lines, other headers and the added names are told', async () => {
    const lake = open({ file: 'log_*.{csv,jsonl}' });
    await lake.write('log_0.jsonl', '');
    expect(await lake.runTable('log')).toMatchObject({
      operation: 'held',
      reason: expect.stringMatching(/has no rows/),
    });
    await lake.write('log_1.csv', file('a'));
    expect(await lake.runTable('log')).toMatchObject({ operation: 'full-load', inserted: 1 });
    await lake.write('log_2.csv', '');
    expect(await lake.runTable('log')).toMatchObject({ operation: 'unchanged' });
    await lake.write('log_2.csv', '_row,v\n1,a\n');
    expect(await lake.runTable('log')).toMatchObject({
      operation: 'failed',
      reason: expect.stringMatching(/column _row has the name of one that "mode": "append" adds/),
    });
  });

  test('of one file that grows, and without a star, is taken just so', async () => {
    const lake = open({ file: 'app.jsonl' });
    await lake.write('app.jsonl', '{"v":"a","items":[{"v":"not a row"}]}\n');
    await lake.run();
    await add('app.jsonl', '{"v":"b","w":[1]}\n');
    expect(await lake.runTable('log')).toMatchObject({ operation: 'cdc', inserted: 1 });
    expect(await places(lake)).toEqual(['app.jsonl 1 a', 'app.jsonl 2 b']);
  });

  test('becomes no snapshot, and no snapshot becomes one, without a new start', async () => {
    const lake = open();
    await lake.write('log_1.csv', file('a'));
    await lake.run();
    const other = open({ mode: 'snapshot', pk: 'v' });
    expect((await other.runTable('log')).operation).toBe('held');
    await other.run({ reload: ['log'] });
    expect(await lake.runTable('log')).toMatchObject({
      operation: 'held',
      reason: expect.stringMatching(/another mode/),
    });
    expect(await lake.runTable('log', { reload: ['log'] })).toMatchObject({
      operation: 'full-load',
      inserted: 1,
    });
  });

  test('bronze has its rows, and what the ledger says of many files is no longer than of one', async () => {
    const lake = openScenario(dir(), { tables: [LOG], layers: ['bronze'] });
    for (let run = 0; run < 20; run += 1) {
      await lake.write(`log_${run}.csv`, file(`v${run}`));
      await lake.run();
    }
    expect((await layerRows(join(dir(), 'lake'), 'bronze.log')).map(({ v }) => v)).toHaveLength(20);
    const state = (await lake.ledger()).at(-1)?.tables['log'];
    expect(JSON.stringify([state?.seen, state?.taken]).length).toBeLessThan(600);
    expect(state?.base.segments.length).toBeLessThan(17);
    const lists: string[] = [];
    for await (const { key } of lake.storage.list('_igarape/snapshots/'))
      if (key.endsWith('.json')) lists.push(key);
    expect(lists).toEqual([state?.taken?.key]);
    await lake.write('log_20.csv', file('x', 'y'));
    expect(await lake.plan()).toMatchObject({
      tables: { log: { operation: 'cdc', inserted: 2, deleted: 0 } },
    });
    expect((await lake.verify()).ok).toBe(true);
  });
});

test.each([
  ['pk', { pk: 'id' }, 'pk'],
  ['ignore', { ignore: ['a'] }, 'ignore'],
  ['update_when', { update_when: 'content' }, 'update_when'],
  ['{date}', { file: 'log_{date}.csv' }, 'file'],
])('%s does not go with it', (_what, written, key) => {
  const source = { type: 'files', path: './source' };
  const resolved = resolveConfig({ source, tables: [{ ...LOG, ...written }] }, dir());
  expect(resolved.kind === 'invalid' && resolved.problems.map(({ path }) => path.join('.'))).toEqual([
    `tables.0.${key}`,
  ]);
});

/** What happens to the files before a run. */
type Step = readonly {
  readonly number: number;
  readonly values: readonly string[];
  readonly goes: boolean;
}[];

const drawnSteps: fc.Arbitrary<Step[]> = fc.array(
  fc.array(
    fc.record({
      number: fc.integer({ min: 0, max: 4 }),
      values: fc.array(fc.constantFrom('a', 'b', '', '7', 'x y'), { minLength: 1, maxLength: 3 }),
      goes: fc.boolean(),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  { minLength: 2, maxLength: 5 },
);

// oxlint-disable-next-line vitest/expect-expect -- what is expected stands in walk()
test(
  'each line of each file is there exactly once, whatever files come, grow and go, and whichever run fails',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        drawnSteps,
        fc.infiniteStream(fc.integer({ min: 1, max: 12 })),
        async (steps, deaths) => {
          const folder = await mkdtemp(join(tmpdir(), 'igarape-append-'));
          try {
            await walk(folder, steps, deaths);
          } finally {
            await rm(folder, { recursive: true, force: true });
          }
        },
      ),
      { numRuns: RUNS, endOnFailure: true },
    );
  },
  60_000 + RUNS * 30_000,
);

async function walk(folder: string, steps: readonly Step[], deaths: Iterator<number>): Promise<void> {
  const config = { types: { v: 'text' }, file: 'log_*.jsonl' };
  const lake = open(config, {}, folder);
  const content = new Map<number, string[]>();
  const expected: string[] = [];
  for (const step of steps) {
    const written = new Set<number>();
    for (const { number, values, goes } of step) {
      // A file that has gone does not come back: another one of its name would be a changed one.
      const before = content.get(number) ?? [];
      if (before.includes('gone')) continue;
      if (goes && before.length > 0 && !written.has(number)) {
        await lake.remove(`log_${number}.jsonl`);
        content.set(number, ['gone']);
        continue;
      }
      written.add(number);
      content.set(number, [...before, ...values]);
      for (const [index, value] of values.entries())
        expected.push(`log_${number}.jsonl ${before.length + index + 1} ${value}`);
      await lake.write(
        `log_${number}.jsonl`,
        (content.get(number) ?? [])
          .map((v, row) => `${JSON.stringify({ v, n: `${number} ${row}` })}\n`)
          .join(''),
      );
    }
    const death: number = deaths.next().value;
    let writes = 0;
    const die = (): void => {
      writes += 1;
      if (writes === death) throw new Error('dies here');
    };
    const storage = wrapStorage(openLocalStorage(join(folder, 'lake')), { before: die, after: die });
    await open(config, { storage }, folder)
      .run()
      .catch((error: unknown) => error);
    expect((await lake.run()).exitCode).toBe(0);
    expect((await places(lake)).toSorted()).toEqual(expected.toSorted());
  }
  expect((await lake.verify()).ok).toBe(true);
}
