import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { init, type InitResult } from '../../src/cli/init/init.ts';
import { openLake, runOnce } from '../../src/index.ts';
import { zipOf } from '../support/archives.ts';
import { useTempDir } from '../support/tmp.ts';
import { workbookOf } from '../support/workbook.ts';
import { databaseOf } from '../support/database.ts';
import { writeFileAt } from '../support/write-file.ts';

const dir = useTempDir();

type Content = string | Uint8Array | Promise<Uint8Array>;

interface Folder {
  readonly what: string;
  readonly files: Readonly<Record<string, Content>>;
  /** Of each table its key and how many rows a run takes, where it is tried; or what init says that there is instead. */
  readonly found: Readonly<Record<string, readonly [key: string, rows?: number]>> | RegExp;
}

const TWO = 'id,nome\n1,Ana\n2,Bia\n';

function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

const FOLDERS: readonly Folder[] = [
  { what: 'a usual one', files: { 'data/c.csv': TWO }, found: { c: ['id', 2] } },
  { what: 'a Portuguese one', files: { 'dados/c.csv': TWO }, found: { c: ['id', 2] } },
  { what: 'files in the folder itself', files: { 'c.csv': TWO }, found: { c: ['id', 2] } },
  { what: 'names in capitals', files: { 'data/CLIENTES.CSV': TWO }, found: { CLIENTES: ['id', 2] } },
  { what: 'a file in a folder below', files: { 'data/2025/c.csv': TWO }, found: { c: ['id', 2] } },
  {
    what: 'names with spaces and accents',
    files: { 'data/preços novos.csv': TWO },
    found: { 'preços novos': ['id', 2] },
  },
  {
    what: 'names that no table may have',
    files: {
      'data/Relatório, final [v2].csv': TWO,
      'data/{a}.csv': TWO,
      'data/aux.csv': TWO,
      'data/sub/fim....csv': TWO,
    },
    found: {
      'Relatório final v2': ['id', 2],
      'aux 1': ['id', 2],
      fim: ['id', 2],
      a: ['id', 2],
    },
  },
  {
    what: 'a name of which nothing is left',
    files: { 'data/[].csv': TWO },
    found: /\[\]\.csv: its name cannot be/,
  },
  { what: 'semicolons', files: { 'data/c.csv': TWO.replaceAll(',', ';') }, found: { c: ['id', 2] } },
  { what: 'tabs', files: { 'data/c.tsv': TWO.replaceAll(',', '\t') }, found: { c: ['id', 2] } },
  { what: 'text with columns', files: { 'data/c.txt': TWO.replaceAll(',', '|') }, found: { c: ['id', 2] } },
  {
    what: 'text without columns',
    files: { 'data/notas.txt': 'uma nota\noutra nota\n' },
    found: /notas\.txt: it is text without columns/,
  },
  {
    what: 'nothing but documents',
    files: { 'data/notas.pdf': '%PDF-1.7', 'data/2025/LEIAME': 'uma nota\n' },
    found: /2025\/LEIAME: its ending is that of no kind[^]*notas\.pdf: its ending is/,
  },
  {
    what: 'Latin letters of Windows',
    files: { 'data/c.csv': Buffer.from('id,nome\n1,João\n2,Zé\n', 'latin1') },
    found: { c: ['id', 2] },
  },
  {
    what: 'letters of MS-DOS',
    files: { 'data/c.csv': Buffer.from('69643b6e6f6d650a313b4a6fc66f0a323b5a8263610a', 'hex') },
    found: { c: ['id', 2] },
  },
  {
    what: 'UTF-16',
    files: { 'data/c.csv': Buffer.from(`\uFEFF${TWO}`, 'utf16le') },
    found: { c: ['id', 2] },
  },
  {
    what: 'UTF-16 without a byte order mark',
    files: {
      'data/a.csv': utf16('id;nome\n1;João\n2;Zé\n'),
      'data/b.csv': utf16('id;nome\n1;João\n2;Zé\n').swap16(),
      'data/c.jsonl': utf16('{"id":1}\n{"id":2,"nome":"Zé"}\n'),
      'data/d.json': utf16('[{"id":1},{"id":2,"nome":"Zé"}]').swap16(),
      'data/e.json': utf16('[{"id":1},{"id":2,"nome":"Ana"}]'),
    },
    found: { a: ['id', 2], b: ['id', 2], c: ['id', 2], d: ['id', 2], e: ['id', 2] },
  },
  { what: 'a byte order mark', files: { 'data/c.csv': `\uFEFF${TWO}` }, found: { c: ['id', 2] } },
  {
    what: 'a decimal comma and Brazilian dates',
    files: { 'data/v.csv': 'id;dia;valor\n1;31/01/2025;1.234,50\n2;01/02/2025;7,25\n' },
    found: { v: ['id', 2] },
  },
  {
    what: 'a title above the header',
    files: { 'data/c.csv': `Clientes de maio\n\n${TWO}` },
    found: { c: ['id', 2] },
  },
  {
    what: 'a first line for Excel',
    files: {
      'data/c.csv': `\uFEFFsep=|\r\n${TWO.replaceAll(',', '|')}`,
      'data/d.csv': `sep=;\nMaio\n\nid;a,b\n1;2\n2;2\n`,
    },
    found: { c: ['id', 2], d: ['id', 2] },
  },
  {
    what: 'a key of two columns',
    files: { 'data/itens.csv': 'pedido_id,item_id\n1,1\n1,2\n2,1\n' },
    found: { itens: ['pedido_id, item_id', 3] },
  },
  {
    what: 'a key of three columns',
    files: { 'data/i.csv': 'a_id,b_id,c_id\n1,1,1\n1,1,2\n1,2,1\n2,1,1\n' },
    found: { i: ['a_id, b_id, c_id', 4] },
  },
  { what: 'no key', files: { 'data/c.csv': 'nome,cidade\nAna,X\nAna,X\nBia,Y\n' }, found: { c: ['', 3] } },
  {
    what: 'no header',
    files: { 'data/c.csv': '1,2025-01-01\n2,2025-01-02\n' },
    found: { c: ['column_1', 2] },
  },
  { what: 'an empty file', files: { 'data/c.csv': '' }, found: /c\.csv: it holds no rows/ },
  { what: 'a header alone', files: { 'data/c.csv': 'id,nome\n' }, found: /c\.csv: it holds no rows/ },
  { what: 'nothing', files: { '.keep': '' }, found: /There is no table in this folder/ },
  {
    what: 'an old workbook',
    files: { 'data/c.xls': Buffer.from('d0cf11e0a1b11ae1', 'hex') },
    found: /c\.xls: /,
  },
  {
    what: 'a workbook',
    files: {
      'data/c.xlsx': workbookOf({
        sheets: [
          [
            'Plan1',
            '<row><c t="str"><v>id</v></c></row><row><c><v>1</v></c></row><row><c><v>2</v></c></row>',
          ],
        ],
      }),
    },
    found: { c: ['id', 2] },
  },
  {
    what: 'a workbook of several sheets',
    files: {
      'data/loja.xlsx': workbookOf({
        sheets: ['loja', 'Clientes'].map((name) => [
          name,
          '<row><c t="str"><v>id</v></c></row><row><c><v>1</v></c></row><row><c><v>2</v></c></row>',
        ]),
      }),
    },
    found: { Clientes: ['id', 2], loja: ['id', 2] },
  },
  {
    what: 'a database of several tables, one of them with the name of a file, and one of no table',
    files: {
      'data/2025/loja.db': databaseOf(
        'CREATE TABLE clientes (id, nome)',
        "INSERT INTO clientes VALUES (1, 'Ana'), (2, 'Bia'), (3, 'Cai')",
        'CREATE TABLE itens (pedido_id, item_id)',
        'INSERT INTO itens VALUES (1, 1), (1, 2), (2, 1)',
        'CREATE TABLE "[]" (id)',
        'INSERT INTO "[]" VALUES (1)',
        'CREATE TABLE vazia (id)',
      ),
      'data/clientes.csv': TWO,
    },
    found: {
      loja_: ['id', 1],
      loja_clientes: ['id', 3],
      itens: ['pedido_id, item_id', 3],
      clientes: ['id', 2],
    },
  },
  {
    what: 'a database that says which columns are keys, one of them without values',
    files: {
      'data/loja.db': databaseOf(
        'CREATE TABLE a (nome, id, sigla, PRIMARY KEY (sigla, nome))',
        "INSERT INTO a VALUES ('x', 1, 'SP'), ('y', 2, 'SP')",
        'CREATE TABLE b (nome, cep TEXT PRIMARY KEY)',
        "INSERT INTO b VALUES ('x', '1'), ('y', '2')",
        'CREATE TABLE c (nome, cep TEXT PRIMARY KEY)',
        "INSERT INTO c VALUES ('x', '1'), ('y', NULL)",
      ),
    },
    found: { a: ['sigla, nome', 2], b: ['cep', 2], c: ['nome', 2] },
  },
  {
    what: 'a database of empty tables',
    files: { 'data/loja.db': databaseOf('CREATE TABLE a (id)', 'CREATE TABLE b (id)') },
    found: /loja\.db \(a\): it holds no rows\n {2}\S+loja\.db \(b\): it holds no rows/,
  },
  { what: 'a packed file', files: { 'data/c.csv.gz': gzipSync(TWO) }, found: { c: ['id', 2] } },
  {
    what: 'an archive',
    files: { 'data/c.zip': zipOf({ 'c.csv': TWO }) },
    found: /c\.zip: it is an archive, which may be the source itself/,
  },
  {
    what: 'lines of JSON',
    files: { 'data/c.jsonl': '{"id":1,"nome":"Ana"}\n{"id":2,"nome":"Bia"}\n' },
    found: { c: ['id', 2] },
  },
  { what: 'a list of JSON', files: { 'data/c.json': '[{"id":1},{"id":2}]' }, found: { c: ['id', 2] } },
  {
    what: 'parts',
    files: { 'data/v_1.csv': 'id\n1\n2\n', 'data/v_2.csv': 'id\n3\n' },
    found: { v: ['id', 3] },
  },
  {
    what: 'dated snapshots',
    files: { 'data/v_2025-01-01.csv': 'id\n1\n2\n', 'data/v_2025-01-02.csv': 'id\n1\n2\n3\n' },
    found: { v: ['id', 3] },
  },
  {
    what: 'a column in folders',
    files: { 'data/v/uf=SP/p.csv': 'id\n1\n', 'data/v/uf=RJ/p.csv': 'id\n2\n' },
    found: { v: ['id', 2] },
  },
  {
    what: 'two files of one name',
    files: { 'data/a/c.csv': TWO, 'data/b/c.csv': TWO },
    found: { a_c: ['id', 2], b_c: ['id', 2] },
  },
  {
    what: 'a file and one of its name in a folder below',
    files: { 'data/c.csv': TWO, 'data/2024/c.csv': 'id,uf\n1,SP\n' },
    found: { '2024_c': ['id', 1], c: ['id', 2] },
  },
  {
    what: 'one table in two formats',
    files: { 'data/c.csv': TWO, 'data/c.jsonl': '{"id":1}\n{"id":2}\n{"id":3}\n' },
    found: { c_csv: ['id', 2], c_jsonl: ['id', 3] },
  },
  { what: 'its usual folder in capitals', files: { 'DADOS/c.csv': TWO }, found: { c: ['id', 2] } },
  {
    what: 'tables in folders of other names',
    files: { 'Preços & Ofertas/c.csv': TWO, 'x/y/c.csv': TWO, 'x/d.tsv': TWO, 'empty/.keep': '' },
    found:
      /this folder\.\nSeen, and not usable:\n  Preços & Ofertas.: it holds a file that may be a table: igarape init "Preços & Ofertas"\n  x.: it holds 2 files that may be tables: igarape init x$/,
  },
  {
    what: 'a column that change files have themselves',
    files: { 'data/c.csv': 'id,_CDC_Operation\n1,I\n' },
    found: /data.c\.csv: change files add a column _CDC_Operation themselves: give theirs other/,
  },
  {
    what: 'parts with such a column, beside another table',
    files: {
      'data/c_1.csv': 'id,_cdc_sequence\n1,1\n',
      'data/c_2.csv': 'id,_cdc_sequence\n2,2\n',
      'data/d.csv': TWO,
    },
    found: { d: ['id', 2] },
  },
  {
    what: 'a page where a workbook should be',
    files: { 'data/c.xlsx': '<html><body>login</body></html>' },
    found: /data.c\.xlsx: it cannot be read: it is an HTML page$/,
  },
  {
    what: 'two thousand files',
    files: Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`data/p_${n}.csv`, `id\n${n}\n`])),
    found: { p: ['id'] },
  },
];

async function made({ files }: Folder): Promise<InitResult> {
  for (const [name, content] of Object.entries(files)) await writeFileAt(join(dir(), name), await content);
  return init({ yes: true, directory: dir() });
}

test.each(FOLDERS.filter(({ found }) => found instanceof RegExp))(
  'init --yes says what it saw in a folder with $what',
  async (folder) => {
    const message = expect.stringMatching(folder.found instanceof RegExp ? folder.found : /$^/);
    await expect(made(folder)).rejects.toMatchObject({ code: 'USAGE', message });
  },
);

test.each(FOLDERS.filter(({ found }) => !(found instanceof RegExp)))(
  'init --yes makes of a folder with $what what a run can read',
  async (folder) => {
    const { tables } = await made(folder);
    const found = Object.entries(folder.found);
    expect(tables.map(({ name, pk }) => [name, pk.join(', ')])).toEqual(
      found.map(([name, [key]]) => [name, key]),
    );
    const tried = found.filter(([, [, rows]]) => rows !== undefined);
    const lake = await openLake('igarape.json', { folder: dir(), env: {} });
    const { report } = await runOnce(lake, { tables: tried.map(([name]) => name) });
    expect(Object.entries(report.tables).map(([name, { inserted }]) => [name, inserted])).toEqual(
      tried.map(([name, [, rows]]) => [name, rows]),
    );
  },
);

test.each(['as a whole', 'by way of ..', 'from where init runs'])(
  'init FOLDER takes a folder that is named %s',
  async (how) => {
    await writeFileAt(join(dir(), 'elsewhere/c.csv'), TWO);
    await writeFileAt(join(dir(), 'project/own/c.csv'), TWO);
    const directory = join(dir(), 'project');
    const names: Readonly<Record<string, string>> = {
      'as a whole': join(dir(), 'elsewhere'),
      'by way of ..': '../elsewhere',
      'from where init runs': 'own',
    };
    const { tables } = await init({ yes: true, directory, source: names[how] ?? '' });
    expect(tables).toEqual([{ name: 'c', pk: ['id'] }]);
    const lake = await openLake('igarape.json', { folder: directory, env: {} });
    expect((await runOnce(lake)).report.tables['c']).toMatchObject({ inserted: 2 });
  },
);
