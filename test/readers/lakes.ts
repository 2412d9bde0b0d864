import { join } from 'node:path';
import type { Compression, Config } from '../../src/config/config.ts';
import { openScenario } from '../support/scenario.ts';

/** A file of a lake, as every reader has to see it. */
export interface ExpectedTable {
  readonly columns: Readonly<Record<string, string>>;
  readonly rows: readonly (readonly (string | null)[])[];
}

export interface Combination {
  readonly layout: Config['layout'];
  readonly compression: Compression;
  readonly compat: Config['compat'];
}

/** Every layout with every compression, and each preset with both. */
export const COMBINATIONS: readonly Combination[] = [
  { layout: 'flat', compression: 'snappy', compat: null },
  { layout: 'flat', compression: 'zstd', compat: 'op' },
  { layout: 'flat', compression: 'gzip', compat: 'dms' },
  { layout: 'flat', compression: 'none', compat: null },
  { layout: 'nested', compression: 'snappy', compat: 'dms' },
  { layout: 'nested', compression: 'zstd', compat: null },
  { layout: 'nested', compression: 'gzip', compat: 'op' },
  { layout: 'nested', compression: 'none', compat: 'op' },
];

export function combinationName({ layout, compression, compat }: Combination): string {
  return `${layout}, ${compression}, ${compat ?? 'no preset'}`;
}

/** What the time of the change is in these lakes. */
const NOW = Date.UTC(2025, 9, 4, 12, 0, 0, 123);

const COLUMNS = {
  id: 'bigint',
  ativo: 'boolean',
  pontos: 'bigint',
  medida: 'double',
  preco: 'decimal(12,2)',
  exato: 'decimal(24,24)',
  dia: 'date',
  criado: 'timestamp',
  visto: 'timestamptz',
  cep: 'text',
  frase: 'text',
  nada: 'text',
} as const;

const HEADER = Object.keys(COLUMNS).join(';');

const FIRST = [
  HEADER,
  '1;true;9007199254740993;0.1;10.50;0.123456789012345678901234;2024-02-29;2024-02-29 23:59:59.999999;2024-02-29 23:59:59.999999Z;01310;"Olá; ""mundo""";',
  '2;false;;-1.5;-0.01;;1969-12-31;1969-12-31 00:00:00;1969-12-31 00:00:00Z;;"";',
  '3;;-5;;;;;;;00000;,;',
].join('\n');

/** 1 is updated (and 9007199254740993 with it, by one), 3 is gone, 4 is new. */
const SECOND = [
  HEADER,
  '1;true;9007199254740992;0.1;10.50;0.123456789012345678901234;2024-02-29;2024-02-29 23:59:59.999999;2024-02-29 23:59:59.999999Z;01310;"Olá; ""mundo""";',
  '2;false;;-1.5;-0.01;;1969-12-31;1969-12-31 00:00:00;1969-12-31 00:00:00Z;;"";',
  '4;true;0;1.5e+100;0.00;0.000000000000000000000001;9999-12-31;0001-01-01 00:00:00.000001;2038-01-19 03:14:08Z;日本;🐟 "ação"\t;',
].join('\n');

const ROW_1 = [
  '1',
  'true',
  '9007199254740993',
  '0.1',
  '10.50',
  '0.123456789012345678901234',
  '2024-02-29',
  '2024-02-29T23:59:59.999999',
  '2024-02-29T23:59:59.999999Z',
  '01310',
  'Olá; "mundo"',
  null,
];
const ROW_2 = [
  '2',
  'false',
  null,
  '-1.5',
  '-0.01',
  null,
  '1969-12-31',
  '1969-12-31T00:00:00.000000',
  '1969-12-31T00:00:00.000000Z',
  null,
  '',
  null,
];
const ROW_3 = ['3', null, '-5', null, null, null, null, null, null, '00000', ',', null];
const ROW_4 = [
  '4',
  'true',
  '0',
  '1.5e+100',
  '0.00',
  '0.000000000000000000000001',
  '9999-12-31',
  '0001-01-01T00:00:00.000001',
  '2038-01-19T03:14:08.000000Z',
  '日本',
  '🐟 "ação"\t',
  null,
];
const ROW_1_AFTER = ROW_1.map((value) => (value === '9007199254740993' ? '9007199254740992' : value));

export const FULL_LOAD: ExpectedTable = { columns: COLUMNS, rows: [ROW_1, ROW_2, ROW_3] };

/** The change file, by preset; its rows come in the order of their sequence. */
export function expectedChanges(compat: Config['compat']): ExpectedTable {
  const changes = [
    ['D', ROW_3],
    ['U', ROW_1_AFTER],
    ['I', ROW_4],
  ] as const;
  switch (compat) {
    case 'op':
      return {
        columns: { ...COLUMNS, op: 'text' },
        rows: changes.map(([operation, row]) => [...row, operation]),
      };
    case 'dms':
      return {
        columns: { Op: 'text', _cdc_timestamp: 'text', ...COLUMNS, _cdc_sequence: 'bigint' },
        rows: changes.map(([operation, row], index) => [
          operation,
          '2025-10-04 12:00:00.123000',
          ...row,
          String(index + 1),
        ]),
      };
    case null:
      return {
        columns: {
          ...COLUMNS,
          _cdc_operation: 'text',
          _cdc_timestamp: 'timestamptz',
          _cdc_sequence: 'bigint',
        },
        rows: changes.map(([operation, row], index) => [
          ...row,
          operation,
          '2025-10-04T12:00:00.123000Z',
          String(index + 1),
        ]),
      };
  }
}

/** A lake of one full-load and one change file; resolves its folder. */
export async function writeTypesLake(folder: string, combination: Combination): Promise<string> {
  const table = {
    name: 'tipos',
    sep: ';',
    pk: 'id',
    types: { preco: 'decimal(12,2)' },
    max_delete_ratio: 1,
    max_update_ratio: 1,
  };
  const scenario = openScenario(folder, { ...combination, tables: [table] }, { edge: { clock: () => NOW } });
  for (const content of [FIRST, SECOND]) {
    await scenario.write('tipos.csv', content);
    const { exitCode, report } = await scenario.run();
    if (exitCode !== 0) throw new Error(JSON.stringify(report));
  }
  return join(folder, 'lake');
}

export function fullLoadPath(lake: string, { layout }: Combination): string {
  return join(lake, 'full-load', layout === 'flat' ? 'tipos.parquet' : 'tipos/tipos.parquet');
}

export function changeFilePath(lake: string, { layout }: Combination): string {
  return join(
    lake,
    'cdc',
    layout === 'flat' ? 'tipos_20251004_120000.parquet' : 'tipos/tipos_20251004_120000.parquet',
  );
}
