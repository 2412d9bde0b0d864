import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { init } from '../../src/cli/init/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import { useTempDir } from '../support/tmp.ts';
import { ScriptedPrompt } from './scripted-prompt.ts';

const dir = useTempDir();

async function answer(answers: ConstructorParameters<typeof ScriptedPrompt>[0]): Promise<unknown> {
  const prompt = new ScriptedPrompt(answers);
  await init({ yes: false, directory: dir(), prompt });
  expect(prompt.left).toBe(0);
  await expect(loadConfig({ cwd: dir(), env: {} })).resolves.toBeDefined();
  const written: unknown = JSON.parse(await readFile(join(dir(), 'igarape.json'), 'utf8'));
  return written;
}

test('of a folder, tables and keys are offered and a lake in a bucket is taken', async () => {
  await mkdir(join(dir(), 'in'));
  await writeFile(join(dir(), 'in/a.csv'), 'id;n\n1;x\n2;y\n');
  await writeFile(join(dir(), 'in/b.csv'), 'u,v\n1,1\n1,2\n');
  await writeFile(join(dir(), 'in/c.csv'), 'id\n1\n');
  const written = await answer([
    'files',
    './in',
    ['a', 'b'],
    '0',
    '',
    'u, v',
    's3://bucket/loyalty',
    'daily',
  ]);
  expect(written).toEqual({
    $schema: expect.stringMatching(/^file:.*igarape\.schema\.json$/),
    source: { type: 'files', path: './in' },
    lake: 's3://bucket/loyalty',
    timer: { unit: 'days', value: 1 },
    tables: [
      { name: 'a', sep: ';', pk: 'id' },
      { name: 'b', pk: ['u', 'v'] },
    ],
  });
  expect(await readFile(join(dir(), '.env.example'), 'utf8')).toContain('AWS_ACCESS_KEY_ID=');
});

test('the proposals alone make a configuration of the example data set', async () => {
  const written = await answer(Array.from({ length: 9 }, () => null));
  expect(written).toMatchObject({
    source: { type: 'kaggle', dataset: 'teocalvo/teomewhy-loyalty-system' },
    lake: './lake',
    timer: { unit: 'hours', value: 6 },
    tables: [
      { name: 'clientes', sep: ';', pk: 'idCliente', date_field: 'DtAtualizacao' },
      { name: 'produtos', sep: ';', pk: 'IdProduto' },
    ],
  });
});

test('tables of an address are named, and a timer may be a pattern or none', async () => {
  const start = [
    'http',
    'https://example.org/day.zip',
    'orders, lines',
    'id',
    ';',
    'order_id, line',
    ',',
    './lake',
  ];
  expect(await answer([...start, 'cron', '0 3 * * *', 'America/Sao_Paulo'])).toMatchObject({
    source: { type: 'http', url: 'https://example.org/day.zip' },
    timer: { cron: '0 3 * * *', timezone: 'America/Sao_Paulo' },
    tables: [
      { name: 'orders', sep: ';', pk: 'id' },
      { name: 'lines', pk: ['order_id', 'line'] },
    ],
  });
  expect(
    await answer([true, 's3', 's3://bucket/in', 'orders', 'id', ',', './lake', 'never']),
  ).not.toHaveProperty('timer');
});

test('a folder that is not there is asked for again, and one without tables is told with what was seen', async () => {
  await mkdir(join(dir(), 'in'));
  await writeFile(join(dir(), 'in/a.csv'), '');
  const asked = async (folder: string): Promise<unknown> =>
    init({ yes: false, directory: dir(), prompt: new ScriptedPrompt(['files', folder]) });
  await expect(asked('./nada')).rejects.toThrow('There is no ./nada here');
  await expect(asked('./In')).rejects.toThrow('There is no ./In here; did you mean in?');
  await expect(asked('./in')).rejects.toThrow(/There is no table in \.\/in\.[^]*a\.csv: it holds no rows/);
});

test('a named folder that is not there is told, with the one that is meant', async () => {
  await mkdir(join(dir(), 'meus dados'));
  const named = async (source: string): Promise<unknown> =>
    init({ yes: false, directory: dir(), source, prompt: new ScriptedPrompt([]) });
  await expect(named('./missing')).rejects.toMatchObject({
    code: 'USAGE',
    message: 'There is no folder ./missing.',
    hint: expect.stringMatching(/^Name the folder/),
  });
  await expect(named('Meus Dados')).rejects.toMatchObject({
    hint: expect.stringMatching(/^Did you mean "meus dados"\? /),
  });
});

test('a table without a key may be left out, and its columns are told', async () => {
  await mkdir(join(dir(), 'in'));
  await writeFile(join(dir(), 'in/a.csv'), 'id\n1\n');
  await writeFile(join(dir(), 'in/b.csv'), 'u,v\n1,1\n1,1\n');
  const prompt = new ScriptedPrompt(['files', './in', ['a', 'b'], '0', '-', './lake', 'never']);
  const { tables } = await init({ yes: false, directory: dir(), prompt });
  expect(tables.map(({ name }) => name)).toEqual(['a']);
  expect(prompt.asked.some((question) => question.includes('Columns, by comma, of: u, v.'))).toBe(true);
});

test('an existing configuration is replaced only where that is agreed to', async () => {
  await writeFile(join(dir(), 'igarape.json'), 'mine');
  const prompt = new ScriptedPrompt([null]);
  await expect(init({ yes: false, directory: dir(), prompt })).rejects.toMatchObject({ code: 'USAGE' });
  expect(prompt.asked).toEqual(['igarape.json exists already. Replace it?']);
  expect(await readFile(join(dir(), 'igarape.json'), 'utf8')).toBe('mine');
});

test('answers that make no configuration are refused before anything is written', async () => {
  await mkdir(join(dir(), 'in'));
  await writeFile(join(dir(), 'in/a.csv'), 'id\n1\n');
  const prompt = new ScriptedPrompt(['files', './in', null, null, './in/lake', null]);
  await expect(init({ yes: false, directory: dir(), prompt })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('lake: the lake and source.path lie in one another'),
  });
  await expect(readFile(join(dir(), 'igarape.json'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test.each([
  [['kaggle', 'just-a-slug'], 'It looks like owner/slug'],
  [['http', 'ftp://x'], 'It looks like https://host/path'],
  [['s3', 'bucket'], 'It looks like s3://bucket/prefix'],
  [['kaggle', 'a/b', '../t'], 'is not a name of up to 100 characters'],
])('the answers %j are refused where they are given', async (answers, message) => {
  const prompt = new ScriptedPrompt(answers);
  await expect(init({ yes: false, directory: dir(), prompt })).rejects.toThrow(message);
});
