import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { init, type InitResult } from '../../src/cli/init/init.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Engine } from '../../src/engine/engine.ts';
import { quoteText } from '../../src/engine/quote.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();

async function put(files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await writeFileAt(join(dir(), name), content);
  }
}

async function defaults(): Promise<{ result: InitResult; config: Record<string, unknown> }> {
  const result = await init({ yes: true, directory: dir() });
  const config: unknown = JSON.parse(await readFile(join(dir(), 'igarape.json'), 'utf8'));
  await expect(loadConfig({ cwd: dir(), env: {} })).resolves.toBeDefined();
  return { result, config: { ...Object(config) } };
}

test('the files of ./data become tables with their separators, encodings and keys', async () => {
  await put({
    'data/clientes.csv': 'idCliente;nome;DtAtualizacao\na1;Ana;2025-01-01\nb2;Bia;2025-01-02\n',
    'data/vendas/itens.csv.gz': gzipSync('pedido_id|linha_id|valor\n1|1|10,5\n1|2|3,25\n2|1|7,0\n'),
    'data/cidades.csv': Buffer.from('nome,id\nSão Paulo,1\nBelém,2\n', 'latin1'),
    'data/eventos.jsonl': '{"when":"x","event_id":7}\n{"when":"x","event_id":8}\n',
  });
  const { result, config } = await defaults();
  expect(config).toMatchObject({
    source: { type: 'files', path: './data' },
    lake: './lake',
    timer: { unit: 'hours', value: 6 },
    tables: [
      { name: 'cidades', encoding: 'windows-1252', pk: 'id' },
      { name: 'clientes', sep: ';', pk: 'idCliente', date_field: 'DtAtualizacao' },
      { name: 'eventos', pk: 'event_id' },
      { name: 'itens', sep: '|', decimal: ',', pk: ['pedido_id', 'linha_id'] },
    ],
  });
  expect(result).toMatchObject({
    written: ['igarape.json', '.env.example', '.gitignore'],
    kept: [],
    skipped: [],
    notes: [],
  });
});

test('a Parquet file is looked into', async () => {
  await mkdir(join(dir(), 'data'));
  const engine = Engine.open({ memoryLimit: '256MB', spillDir: dir() });
  await engine.run(
    `COPY (SELECT range % 2 AS kind, range AS code FROM range(10)) TO ${quoteText(join(dir(), 'data/p.parquet'))}`,
  );
  engine.close();
  const { config } = await defaults();
  expect(config).toMatchObject({ tables: [{ name: 'p', pk: 'code' }] });
});

test('files of the directory itself get a lake and a work folder beside it, not inside', async () => {
  await put({ 'produtos.csv': 'id,nome\n1,a\n2,b\n', 'sub/outros.csv': 'id\n1\n' });
  const { config } = await defaults();
  const name = basename(dir());
  expect(config).toMatchObject({
    source: { type: 'files', path: '.' },
    lake: `../${name}-lake`,
    work_dir: `../.igarape-${name}`,
    tables: [{ name: 'produtos', file: 'produtos.csv', pk: 'id' }],
  });
});

test('what a CSV file may mean otherwise is told', async () => {
  await put({
    'data/linhas.csv': '1;a\nx;b\n',
    'data/aspas.csv': "id;nome\n1;'Ana'\n2;Bia\n",
    'data/anos.csv': 'id;2023;2024\n1;5;6\n2;7;8\n',
    'data/uns.csv': "id;nome\n1;d'água\n2;'90\n",
    'data/largas.csv': 'id;nome\n1;a\n2;b;c\n3;d\n',
    'data/barras.csv': String.raw`id;nome
1;C:\\dados
2;b
`,
    'data/caminhos.csv': String.raw`id;nome
1;\\servidor\dados
2;b
`,
    'data/marcas.csv': 'id;nome\n1;a\n#2;b\n3;c\n',
    'data/tags.csv': 'tag;n\n#a;1\nb;2\n',
    'data/titulo.csv': 'Vendas;filial norte\nid;valor\n1;2.5\n2;3.5\n',
    'data/faltas.csv': 'nome;valor\nAna;NA\nBia;1\nCaio;2\n',
  });
  const { result } = await defaults();
  expect(result.notes).toEqual([
    `aspas.csv: it has the text "'Ana'": where ' is what texts are quoted with, set "quote"`,
    'barras.csv: it has \\ as \\\\ alone: where that is one \\, set "escape"',
    'largas.csv: its line 3 is not understood, and a run will refuse it: check "sep", "quote" and "escape"',
    'linhas.csv: its header has the name "1": where its first line is a row, "header" is false',
    'marcas.csv: it has a row that begins with "#2": where such a line is none, set "comment"',
    'titulo.csv: its header may be ["id","valor"]: where what stands before that is a title, set "skip"',
  ]);
});

test('what cannot be a table is left out, and said', async () => {
  await put({
    'data/a.csv': 'id\n1\n2\n',
    'data/x/twice.csv': 'id\n1\n',
    'data/y/Twice.csv': 'id\n1\n',
    'data/_hidden.csv': 'id\n1\n',
    'data/empty.csv': '',
    'data/header.csv': 'id,name\n',
    'data/keyless.csv': 'a,b\n1,1\n1,1\n',
    'data/broken.csv.gz': gzipSync('id\n1\n').subarray(0, -4),
    'data/ruined.parquet': 'not parquet',
  });
  const { result } = await defaults();
  expect(result.tables).toEqual([
    { name: 'a', pk: ['id'] },
    { name: 'keyless', pk: [] },
    { name: 'x_twice', pk: ['id'] },
    { name: 'y_Twice', pk: ['id'] },
  ]);
  expect(result.notes).toEqual([expect.stringMatching(/^keyless\.csv: .* the whole row \("pk": "row"\)/)]);
  expect(Object.fromEntries(result.skipped.map(({ file, reason }) => [file, reason]))).toEqual({
    '_hidden.csv': 'its name cannot be a table name',
    'empty.csv': 'it holds no rows',
    'header.csv': 'it holds no rows',
    'broken.csv.gz': expect.stringMatching(/^it cannot be read: /),
    'ruined.parquet': expect.stringMatching(/^it cannot be read: /),
  });
});

test('what the system does not let be written is told, and is no defect', async () => {
  await put({ 'data/a.csv': 'id\n1\n2\n' });
  await expect(init({ yes: true, directory: dir(), file: 'gone/igarape.json' })).rejects.toMatchObject({
    code: 'USAGE',
    message: `${join(dir(), 'gone', 'igarape.json')} cannot be written: it does not exist.`,
    hint: expect.stringContaining('in another folder'),
  });
  await put({ models: 'a file' });
  await expect(init({ yes: true, lakehouse: true, directory: dir() })).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringMatching(
      /models.* cannot be written: a (?:part of its path is a file|file of this name stands in the way)\.$/,
    ),
  });
});

test('where there is no table nothing is invented: what was seen is told, and nothing is written', async () => {
  await put({ 'dados/empty.csv': '', 'c.7z': 'x' });
  await expect(init({ yes: true, directory: dir() })).rejects.toMatchObject({
    code: 'USAGE',
    exitCode: 2,
    message: expect.stringMatching(/^There is no table in [^]*empty\.csv: it holds no rows[^]*c\.7z: /),
    hint: expect.stringContaining('igarape init FOLDER'),
  });
  expect((await readdir(dir())).toSorted()).toEqual(['c.7z', 'dados']);
});

test('tables are found in ./dados, too, and in any folder that is named', async () => {
  await put({ 'dados/C.CSV': 'id,a\n1,x\n', 'other/b.csv': 'id\n1\n' });
  const { config } = await defaults();
  expect(config).toMatchObject({ source: { path: './dados' }, tables: [{ name: 'C', pk: 'id' }] });
  await rm(join(dir(), 'igarape.json'));
  const result = await init({ yes: true, directory: dir(), source: './other' });
  expect(result).toMatchObject({ source: { path: './other' }, tables: [{ name: 'b' }] });
  expect(await readFile(join(dir(), '.gitignore'), 'utf8')).toBe('.env\n/.igarape/\n/lake/\n');
});

test('the schema is one that an editor finds', async () => {
  await put({ 'data/a.csv': 'id\n1\n' });
  const { config } = await defaults();
  expect(JSON.parse(await readFile(new URL(String(config['$schema'])), 'utf8'))).toMatchObject({
    type: 'object',
  });
  await put({ 'node_modules/igarape/igarape.schema.json': '{}' });
  await rm(join(dir(), 'igarape.json'));
  expect((await defaults()).config['$schema']).toBe('./node_modules/igarape/igarape.schema.json');
});

test('for an example, a public Kaggle data set that needs no credentials is taken', async () => {
  await init({ yes: true, example: true, directory: dir() });
  const { config } = await loadConfig({ cwd: dir(), env: {} });
  expect(config.source).toMatchObject({ type: 'kaggle', dataset: 'teocalvo/teomewhy-loyalty-system' });
  expect(await readFile(join(dir(), '.env.example'), 'utf8')).toContain('KAGGLE_API_TOKEN=');
});

test('an existing configuration is never replaced, and nothing else is written then', async () => {
  await put({ 'igarape.json': 'mine' });
  await expect(init({ yes: true, directory: dir() })).rejects.toMatchObject({ code: 'USAGE', exitCode: 2 });
  expect(await readFile(join(dir(), 'igarape.json'), 'utf8')).toBe('mine');
  await expect(readFile(join(dir(), '.env.example'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('an existing .env.example is left alone, and a config.json that no longer counts is told', async () => {
  await put({ '.env.example': 'mine', 'config.json': '{}', 'data/a.csv': 'id\n1\n' });
  const { result } = await defaults();
  expect(result).toMatchObject({ written: ['igarape.json', '.gitignore'], kept: ['.env.example'] });
  expect(result.notes[0]).toContain('config.json');
  expect(await readFile(join(dir(), '.env.example'), 'utf8')).toBe('mine');
});

test('without a terminal and without --yes nothing is asked and nothing written', async () => {
  await expect(init({ yes: false, directory: dir() })).rejects.toMatchObject({
    code: 'USAGE',
    hint: expect.stringContaining('--yes'),
  });
});

test('how a file is to be read is proposed, and what may be read in two ways is told', async () => {
  await put({
    'data/vendas.csv':
      'Relatório\nid;valor;pago;dia\n1;1.234,56;Sim;31/05/2024\n2;NA;Não;01/06/2024\n3;0,5;Sim;02/06/2024\n',
    'data/cars.txt': '"km" "wheels"\n"Mazda RX4" 21.5 6\n"Mazda RX4 Wag" 21.5 6\n',
    'data/codes.csv': '1,a,2.5\n2,b,3.5\n',
    'data/unclear.csv': 'id,at\n1,05/06/2024\n2,06/06/2024\n',
  });
  const { result, config } = await defaults();
  expect(config['tables']).toMatchObject([
    {
      name: 'cars',
      sep: ' ',
      skip: 1,
      header: false,
      columns: ['column_1', 'km', 'wheels'],
      pk: 'column_1',
    },
    { name: 'codes', header: false, pk: 'column_1' },
    { name: 'unclear', pk: 'id' },
    {
      name: 'vendas',
      sep: ';',
      skip: 1,
      decimal: ',',
      thousands: '.',
      date_format: '%d/%m/%Y',
      null: ['NA'],
      booleans: { true: ['sim'], false: ['não'] },
      pk: 'id',
    },
  ]);
  expect(result.notes).toEqual([
    expect.stringMatching(/^cars\.txt: its header has a name less than the rows have fields/),
    expect.stringMatching(/^codes\.csv: its first line looks like a row/),
    expect.stringMatching(/^unclear\.csv: the dates of at fit %d\/%m\/%Y and %m\/%d\/%Y/),
    'vendas.csv: what stands before the header is left out by "skip": 1',
  ]);
});
