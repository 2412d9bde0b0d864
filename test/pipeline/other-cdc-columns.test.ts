import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyHistory } from '../../src/explore/key-history.ts';
import { withReader } from '../../src/explore/reader.ts';
import { openScenario, type Scenario, testEdge } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

/** What names the columns that change files add, and how they are called then. */
const FORMS = [
  [{}, '_cdc_operation', '_cdc_sequence'],
  [{ compat: 'op' }, 'op'],
  [{ compat: 'dms' }, 'OP', '_cdc_sequence'],
  [{ cdc_columns: { operation: 'kind', timestamp: 'at', sequence: 'n' } }, 'kind', 'at', 'n'],
] as const;

test('a column of the source may be called as one that change files have added before: these tell nothing of it', async () => {
  let number = 0;
  const forms = fc.array(fc.nat(FORMS.length - 1), { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(forms, fc.constantFrom('latest', 'scd2'), async (order, history) => {
      const folder = join(dir(), String(++number));
      let scenario: Scenario | undefined;
      let names: string[] = [];
      let rows = [[1, 'a']];
      for (const [index, form] of order.entries()) {
        const isLast = index === order.length - 1;
        const [written, ...added] = FORMS[form] ?? FORMS[0];
        const columns = names.filter(
          (name) => !added.some((each) => each.toLowerCase() === name.toLowerCase()),
        );
        scenario = openScenario(folder, {
          ...written,
          layers: isLast ? ['bronze'] : [],
          tables: [{ name: 't', pk: 'id', history, max_update_ratio: 1 }],
        });
        for (let step = 0; step < 2; step += 1) {
          rows = [...rows, [rows.length + 1, 'b']];
          const lines = rows.map(([id, v]) => [id, v, ...columns.map(() => (id === 1 ? 'x' : ''))].join(','));
          await scenario.write('t.csv', [['id', 'v', ...columns].join(','), ...lines, ''].join('\n'));
          const { report, exitCode } = await scenario.run({ approve: ['t'] });
          expect({ exitCode, report }).toMatchObject({ exitCode: 0 });
        }
        names = [...new Set([...columns, ...added])];
        const isAll = history === 'scd2' ? 'is_current' : 'true';
        const others = columns.map((name) => `, "${name}"`).join('');
        const own = rows.map(([id]) => ({
          id: BigInt(Number(id)),
          ...Object.fromEntries(columns.map((name) => [name, id === 1 ? 'x' : null])),
        }));
        const wanted = own.map((row, at) => ({ ...row, v: rows[at]?.[1] }));
        expect(await scenario.query(`SELECT id, v${others} FROM t ORDER BY id`)).toEqual(wanted);
        expect(await scenario.verify()).toMatchObject({ ok: true });
        const told = await scenario.query(`SELECT DISTINCT id${others} FROM cdc.t WHERE id > 2 ORDER BY id`);
        expect(told).toEqual(own.slice(2));
        const { versions } = await withReader(scenario, testEdge(), (reader) =>
          keyHistory(reader, 't', { id: '3' }),
        );
        const seen = versions.flatMap(({ cells }) => cells);
        expect(new Set(seen)).toEqual(new Set(['3', 'b', ...(columns.length > 0 ? [null] : [])]));
        if (!isLast) continue;
        for (const fullRefresh of [false, true]) {
          await scenario.run({ fullRefresh });
          expect(
            await scenario.query(`SELECT id, v${others} FROM bronze.t WHERE ${isAll} ORDER BY id`),
          ).toEqual(wanted);
        }
      }
    }),
    {
      numRuns: 6,
      endOnFailure: true,
      examples: [
        [[1, 0, 1], 'latest'],
        [[1, 0], 'latest'],
        [[0, 1], 'latest'],
        [[3, 2], 'scd2'],
      ],
    },
  );
});
