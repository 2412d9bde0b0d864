import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

function scenarioOf(table: object): { scenario: Scenario; warnings: string[] } {
  const warnings: string[] = [];
  const log = { ...silentLogger, warn: (_: unknown, message: string): void => void warnings.push(message) };
  const tables = [{ name: 't', pk: 'id', sep: ';', ...table }];
  return { scenario: openScenario(dir(), { tables }, { edge: { log } }), warnings };
}

const CSV = 'id;nome\n1;São João\n2;é\n';
const JSON_LINES = '{"id":1,"nome":"São João"}\n{"id":2,"nome":"é"}\n';
const OF_A_BYTE = ['windows-1252', 'latin-1', 'iso-8859-15', 'cp850', 'cp437', 'cp860', 'macintosh'];

test.each(OF_A_BYTE)('a file of UTF-8 is never read as %s', async (encoding) => {
  const { scenario } = scenarioOf({ encoding, file: 't.*' });
  const files = [
    ['t.csv', CSV],
    ['t.csv.gz', gzipSync(CSV)],
    ['t.jsonl', JSON_LINES],
  ] as const;
  for (const [name, content] of files) {
    await scenario.write(name, content);
    const { operation, code, reason } = await scenario.runTable('t');
    expect([name, operation, code]).toEqual([name, 'failed', 'TABLE_UNREADABLE']);
    expect(reason).toMatch(
      new RegExp(`^${name} is UTF-8, and "São" in it would be read as ".+", by "encoding"`),
    );
    await scenario.remove(name);
  }
});

test('a file that turns to UTF-8 while its table says otherwise changes no row', async () => {
  const { scenario } = scenarioOf({ encoding: 'windows-1252' });
  await scenario.write('t.csv', Buffer.from(CSV, 'latin1'));
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 2 });
  await scenario.write('t.csv', CSV);
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'failed', code: 'TABLE_UNREADABLE' });
});

test('one file of UTF-8 among others is told by its name', async () => {
  const { scenario } = scenarioOf({ encoding: 'windows-1252', file: 't_*.csv' });
  await scenario.write('t_1.csv', Buffer.from(CSV, 'latin1'));
  await scenario.write('t_2.csv', 'id;nome\n3;Ação\n');
  const { reason } = await scenario.runTable('t');
  expect(reason).toMatch(/^t_2\.csv is UTF-8, and "Ação" in it would be read as "AÃ§Ã£o"/);
});

test('a file whose words are of another encoding than its table says is read, and that is told', async () => {
  const { scenario, warnings } = scenarioOf({ encoding: 'windows-1252', file: 't_*.csv' });
  await scenario.write('t_1.csv', Buffer.from(CSV, 'latin1'));
  // "Ação" and "pé" as MS-DOS writes them.
  await scenario.write('t_2.csv', Buffer.from('id;nome\n3;A\u0087\u00C6o\n4;p\u0082\n', 'latin1'));
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 4 });
  expect(warnings).toEqual([
    't_2.csv: as windows-1252 it has "A‡Æo", which is "Ação" in cp850: check "encoding" of the table t',
  ]);
});

test('what is as well in one encoding as in another is read without a word', async () => {
  const { scenario, warnings } = scenarioOf({ encoding: 'windows-1252' });
  await scenario.write('t.csv', Buffer.from('id;nome\n1;Óleo\n2;R$ 1½\n3;“oi”\n', 'latin1'));
  expect(await scenario.runTable('t')).toMatchObject({ operation: 'full-load', inserted: 3 });
  expect(warnings).toEqual([]);
});
