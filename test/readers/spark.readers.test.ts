import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { describeWith } from '../support/external.ts';
import { sparkPython } from '../support/python.ts';
import { runTasks } from '../support/run-python.ts';
import { fencesOf } from '../docs/fences.ts';
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
import { withoutColumn } from './tables.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/readers');
/** What follows a table in both layouts; a merge of what was merged already changes nothing. */
const MERGES = [
  { name: 'by_sql_flat', what: 'the documented SQL', layout: 'flat', compat: null, evolves: false, times: 2 },
  {
    name: 'by_sql_nested',
    what: 'the documented SQL',
    layout: 'nested',
    compat: null,
    evolves: false,
    times: 1,
  },
  {
    name: 'by_op_sql',
    what: 'the documented SQL for the preset op',
    layout: 'flat',
    compat: 'op',
    evolves: false,
    times: 2,
  },
  {
    name: 'by_script_flat',
    what: 'the documented script, with new columns and wider types',
    layout: 'flat',
    compat: null,
    evolves: true,
    times: 2,
  },
  {
    name: 'by_script_nested',
    what: 'the documented script, with new columns and wider types',
    layout: 'nested',
    compat: null,
    evolves: true,
    times: 1,
  },
] as const;

const MOVED = ['migrate.md', 'migrate.pt-BR.md'];

describeWith(await sparkPython(), 'Spark', ({ python, jars }) => {
  let folder = '';
  let answers: Readonly<Record<string, unknown>> = {};
  const histories = new Map<string, History>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'igarape-spark-'));
    const tasks: Record<string, object> = {};
    for (const combination of COMBINATIONS) {
      const name = combinationName(combination);
      const lake = await writeTypesLake(join(folder, name.replaceAll(/\W+/g, '-')), combination);
      const isNested = combination.layout === 'nested';
      const changes = changeFilePath(lake, combination);
      tasks[`full-load ${name}`] = {
        kind: 'spark-read',
        path: isNested ? dirname(fullLoadPath(lake, combination)) : fullLoadPath(lake, combination),
      };
      tasks[`changes ${name}`] = {
        kind: 'spark-read',
        path: isNested ? dirname(changes) : join(dirname(changes), 'tipos_[0-9]*'),
      };
    }
    for (const { name, layout, compat, evolves, times } of MERGES) {
      const history = await writeHistory(join(folder, name), { layout, evolves, compat });
      histories.set(name, history);
      const common = { lake: history.lake, times };
      tasks[name] = evolves
        ? {
            ...common,
            kind: 'spark-merge',
            script: join(EXAMPLES, 'merge_delta.py'),
            name: 'clientes',
            key: ['idCliente'],
            table: name,
            nested: layout === 'nested',
          }
        : {
            ...common,
            kind: 'spark-sql',
            sql: mergeSql(history, name, compat),
            table: `bronze.${name}`,
          };
    }
    const history = await writeHistory(join(folder, 'moved'), {
      layout: 'nested',
      compat: 'op',
      evolves: false,
    });
    histories.set('moved', history);
    for (const page of MOVED)
      tasks[page] = {
        kind: 'spark-page',
        code: codeOf(page),
        lake: history.lake,
        name: 'clientes',
        key: 'idCliente',
      };
    answers = await runTasks(python, 'spark.py', folder, tasks, [folder, jars]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(COMBINATIONS.map((one) => [combinationName(one), one] as const))(
    'reads the rows and types that the CSV has, by folder or by name: %s',
    (name, { compat }) => {
      expect(answers[`full-load ${name}`]).toEqual(FULL_LOAD);
      expect(answers[`changes ${name}`]).toEqual(expectedChanges(compat));
    },
  );

  test.each(MOVED)('finds the last change of each key as the reader of %s does', (page) => {
    expect(answers[page]).toEqual(histories.get('moved')?.latest);
  });

  test.each(MERGES)(
    'merges change files into a Delta table by $what, $layout layout, to the last snapshot',
    ({ name, compat }) => {
      expect(withoutColumn(answers[name], compat === 'op' ? '_file' : '_cdc_sequence')).toEqual(
        histories.get(name)?.latest,
      );
    },
  );
});

/** The lines of a reader that moves over. */
function codeOf(page: string): string {
  const text = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
  const code = fencesOf(text).find(({ info }) => info === 'python')?.text;
  if (code === undefined) throw new Error(`${page} has no Python.`);
  return code;
}

/** The statements of the documented page, for a table of its own. */
function mergeSql({ lake, layout }: History, name: string, compat: Config['compat']): readonly string[] {
  const sql = readFileSync(join(EXAMPLES, compat === 'op' ? 'merge-delta-op.sql' : 'merge-delta.sql'), 'utf8')
    .replaceAll('bronze.clientes', `bronze.${name}`)
    .replaceAll('`/lake/', `\`${lake}/`);
  const adapted =
    layout === 'flat'
      ? sql
      : sql
          .replace('/full-load/clientes.parquet', '/full-load/clientes')
          .replace('/cdc/clientes_[0-9]*', '/cdc/clientes');
  return adapted.split(';\n').filter((statement) => statement.trim() !== '');
}
