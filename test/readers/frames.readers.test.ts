import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../support/external.ts';
import { framesPython } from '../support/python.ts';
import { runTasks } from '../support/run-python.ts';
import { type History, writeHistory } from './history.ts';
import {
  changeFilePath,
  combinationName,
  COMBINATIONS,
  expectedChanges,
  FULL_LOAD,
  fullLoadPath,
  writeTypesLake,
} from './lakes.ts';
import { byKey } from './tables.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/readers');
const LAYOUTS = ['flat', 'nested'] as const;
const READERS = ['pandas', 'duckdb'] as const;

describeWith(await framesPython(), 'pandas and DuckDB', (python) => {
  let folder = '';
  let answers: Readonly<Record<string, unknown>> = {};
  const reloads: Partial<Record<(typeof LAYOUTS)[number], History>> = {};
  const histories: Partial<Record<(typeof LAYOUTS)[number], History>> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igarape-readers-'));
    const tasks: Record<string, object> = {};
    for (const combination of COMBINATIONS) {
      const name = combinationName(combination);
      const lake = await writeTypesLake(join(folder, name), combination);
      for (const reader of READERS) {
        tasks[`${reader} full-load ${name}`] = {
          kind: `${reader}-read`,
          path: fullLoadPath(lake, combination),
        };
        tasks[`${reader} changes ${name}`] = {
          kind: `${reader}-read`,
          path: changeFilePath(lake, combination),
        };
      }
    }
    for (const layout of LAYOUTS) {
      const history = await writeHistory(join(folder, `history-${layout}`), { layout, evolves: true });
      histories[layout] = history;
      const { lake } = history;
      tasks[`pandas replay ${layout}`] = {
        kind: 'pandas-replay',
        script: join(EXAMPLES, 'replay_pandas.py'),
        lake,
        table: 'clientes',
        key: ['idCliente'],
      };
      const reloaded = await writeHistory(join(folder, `reloaded-${layout}`), {
        layout,
        evolves: false,
        reloads: true,
      });
      tasks[`pandas reloaded ${layout}`] = {
        kind: 'pandas-replay',
        script: join(EXAMPLES, 'replay_pandas.py'),
        lake: reloaded.lake,
        table: 'clientes',
        key: ['idCliente'],
      };
      reloads[layout] = reloaded;
      tasks[`duckdb replay ${layout}`] = {
        kind: 'duckdb-replay',
        sql: replaySql(lake, layout),
        table: 'clientes',
      };
    }
    answers = await runTasks(python, 'frames.py', folder, tasks);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  describe.each(READERS)('%s', (reader) => {
    test.each(COMBINATIONS.map((one) => [combinationName(one), one] as const))(
      'reads the rows and types that the CSV has: %s',
      (name, { compat }) => {
        expect(answers[`${reader} full-load ${name}`]).toEqual(FULL_LOAD);
        expect(answers[`${reader} changes ${name}`]).toEqual(expectedChanges(compat));
      },
    );

    test.each(LAYOUTS)(
      'replays full-load and change files, in the %s layout, to the last snapshot',
      (layout) => {
        expect(byKey(answers[`${reader} replay ${layout}`])).toEqual(histories[layout]?.latest);
      },
    );
  });

  test.each(LAYOUTS)(
    'pandas goes on from the newest full-load after a reload, in the %s layout',
    (layout) => {
      expect(byKey(answers[`pandas reloaded ${layout}`])).toEqual(reloads[layout]?.latest);
    },
  );
});

function replaySql(lake: string, layout: 'flat' | 'nested'): string {
  const sql = readFileSync(join(EXAMPLES, 'replay-duckdb.sql'), 'utf8').replaceAll("'/lake/", `'${lake}/`);
  if (layout === 'flat') return sql;
  return sql
    .replace('/cdc/clientes_[0-9]*', '/cdc/clientes/*')
    .replace('full-load/clientes', 'full-load/clientes/clientes');
}
