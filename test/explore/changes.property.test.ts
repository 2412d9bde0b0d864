import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { changedColumns } from '../../src/explore/changed-positions.ts';
import { changes, type ChangedRow } from '../../src/explore/changes.ts';
import { keyHistory } from '../../src/explore/key-history.ts';
import { type LakeReader, withReader } from '../../src/explore/reader.ts';
import { tablePage } from '../../src/explore/table-page.ts';
import { diff } from '../../src/explore/version-diff.ts';
import { folderName, plantDecoy } from '../support/folder-name.ts';
import { openScenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 3);

/** A state of a table with a key of two columns: its values by `loja|id`. */
type State = Readonly<Record<string, readonly [string, string]>>;

const key = fc
  .tuple(fc.constantFrom('A', "O'B", 'ç'), fc.integer({ min: 1, max: 4 }))
  .map((parts) => parts.join('|'));
const values = fc.tuple(fc.constantFrom('', 'Ana', 'Bia “x”'), fc.constantFrom('', 'p 1', 'p 2'));
const state = fc.dictionary(key, values, { minKeys: 1, maxKeys: 9 });
const step = fc.record({ state, reload: fc.integer({ min: 0, max: 4 }).map((n) => n === 0) });

test('changes, their old values, keys, pages and differences are those of the states that were published', async () => {
  let lakes = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 2, maxLength: 5 }),
      fc.constantFrom(null, 'op', 'dms'),
      folderName,
      async (steps, compat, name) => {
        const folder = join(dir(), String((lakes += 1)), name);
        const lake = openScenario(folder, {
          compat,
          tables: [{ name: 't', pk: ['loja', 'id'], max_delete_ratio: 1, max_update_ratio: 1 }],
        });
        const states = new Map<number, { before: State; now: State; isLoad: boolean }>();
        let before: State = {};
        for (const [index, { state: now, reload }] of steps.entries()) {
          const lines = Object.entries(now).map(([k, cells]) =>
            [...k.split('|'), ...cells].map(quoted).join(','),
          );
          await lake.write('t.csv', `loja,id,nome,pontos\n${lines.join('\n')}\n`);
          const { report } = await lake.run(reload ? { reload: ['t'] } : {});
          const isLoad = index === 0 || reload;
          if (report.run !== null && report.tables['t']?.file !== null)
            states.set(report.run, { before, now, isLoad });
          before = now;
        }
        await plantDecoy(folder);
        await withReader(lake, testEdge(), async (reader) => {
          for (const [run, { before: old, now, isLoad }] of states)
            await checkRun(reader, run, isLoad ? {} : old, now);
          await checkKeys(reader, states, before);
          const runs = [...states.keys()];
          const first = runs[0] ?? 0;
          const last = runs.at(-1) ?? 0;
          const found = await diff(reader, { table: 't', from: first, to: last, limit: 100 });
          expect(byKey(found.rows)).toEqual(
            expected(states.get(first)?.now ?? {}, states.get(last)?.now ?? {}),
          );
        });
        await rm(folder, { recursive: true, force: true });
      },
    ),
    { numRuns: RUNS },
  );
});

async function checkRun(reader: LakeReader, run: number, before: State, now: State): Promise<void> {
  const rows: ChangedRow[] = [];
  let total = 1;
  for (let offset = 0; offset < total; offset += 2) {
    const page = await changes(reader, { run, table: 'T', offset, limit: 2, before: true });
    total = page.total;
    rows.push(...page.rows);
  }
  const wanted = expected(before, now);
  expect(byKey(rows)).toEqual(wanted);
  const updates = Object.values(wanted).flatMap(({ before: old, cells }) =>
    old === null ? [] : [{ old, cells }],
  );
  const changed = [2, 3].map(
    (index) => updates.filter(({ old, cells }) => old[index] !== cells[index]).length,
  );
  const { columns } = await changedColumns(reader, { run, table: 't' });
  const found = ['nome', 'pontos'].map(
    (name) => columns.find((column) => column.name === name)?.changed ?? 0,
  );
  expect(found).toEqual(changed);
  const filtered = await changes(reader, { run, table: 't', changed: 'nome', operations: ['U'] });
  expect(filtered.total).toBe(changed[0]);
  const deleted = await changes(reader, { run, table: 't', operations: ['D'] });
  expect(deleted.rows.every(({ operation }) => operation === 'D')).toBe(true);
  expect(deleted.total).toBe(Object.values(wanted).filter(({ operation }) => operation === 'D').length);
}

async function checkKeys(
  reader: LakeReader,
  states: ReadonlyMap<number, { readonly now: State }>,
  last: State,
): Promise<void> {
  const page = await tablePage(reader, { table: 't', limit: 1000 });
  expect(Object.fromEntries(page.rows.map((cells) => [cells.slice(0, 2).join('|'), cells]))).toEqual(
    Object.fromEntries(Object.entries(last).map(([k, cells]) => [k, rowOf(k, cells)])),
  );
  const keys = new Set([...states.values()].flatMap(({ now }) => Object.keys(now)));
  for (const k of keys) {
    const [loja = '', id = ''] = k.split('|');
    const { versions } = await keyHistory(reader, 't', { loja, id });
    for (const [run, { now }] of states) {
      const then = versions.findLast((version) => version.run <= run);
      const cells = now[k];
      const isThere = then !== undefined && then.operation !== 'D';
      expect(isThere ? then.cells : null).toEqual(cells === undefined ? null : rowOf(k, cells));
    }
  }
}

type Found = Pick<ChangedRow, 'operation' | 'cells' | 'before'>;

function byKey(rows: readonly Found[]): Record<string, Found> {
  return Object.fromEntries(
    rows.map(({ operation, cells, before }) => [cells.slice(0, 2).join('|'), { operation, cells, before }]),
  );
}

function expected(before: State, now: State): Record<string, Found> {
  const found: Record<string, Found> = {};
  for (const k of new Set([...Object.keys(before), ...Object.keys(now)])) {
    const [old, next] = [before[k], now[k]];
    if (old === undefined && next !== undefined)
      found[k] = { operation: 'I', cells: rowOf(k, next), before: null };
    else if (next === undefined && old !== undefined)
      found[k] = { operation: 'D', cells: rowOf(k, old), before: null };
    else if (old !== undefined && next !== undefined && String(old) !== String(next))
      found[k] = { operation: 'U', cells: rowOf(k, next), before: rowOf(k, old) };
  }
  return found;
}

/** Nothing between commas is null. */
function rowOf(k: string, [nome, pontos]: readonly [string, string]): (string | null)[] {
  return [...k.split('|'), nome === '' ? null : nome, pontos === '' ? null : pontos];
}

function quoted(cell: string): string {
  return cell === '' ? '' : `"${cell.replaceAll('"', '""')}"`;
}
