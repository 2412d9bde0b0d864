import { expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

test.each([
  ['content', {}],
  ['the date field', { update_when: 'timestamp', date_field: 'at' }],
  ['content but the column', { ignore: ['v'] }],
])(
  'an approved change of a type publishes every value anew, where %s makes an update',
  async (_what, rules) => {
    const scenario = openScenario(dir(), { tables: [{ name: 't', pk: 'id', ...rules }] });
    const publish = async (v: readonly string[], approve: string[] = []): Promise<unknown> => {
      const lines = v.map((value, id) => `${id},2024-01-0${id + 1},${value}\n`);
      await scenario.write('t.csv', `id,at,v\n${lines.join('')}`);
      const { operation, updated } = await scenario.runTable('t', { approve });
      expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
      return { operation, updated };
    };
    await publish(['2024-01-01', '2024-01-02', '', '2024-01-04']);
    // The base now has timestamps, and the full-load dates: as text they differ.
    await publish(['2024-01-01', '2024-01-02 10:00', '', '2024-01-04'], ['t']);
    await publish(['2024-01-01', '2024-01-02 10:00', '', '2024-01-04 11:00'], ['t']);
    const types = ['2024-01-01 00:00:00', '2024-01-02 10:00:00', '', 'soon'];
    // A later date makes the row an update that shows the new type.
    const lines = types.map(
      (value, id) => `${id},${id === 3 ? '2025-01-01' : `2024-01-0${id + 1}`},${value}\n`,
    );
    await scenario.write('t.csv', `id,at,v\n${lines.join('')}`);
    const report = await scenario.runTable('t', { approve: ['t'] });
    expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
    const { v: type } = await scenario.columns(report.file ?? '');
    expect({ type, updated: report.updated }).toEqual({ type: 'VARCHAR', updated: 3 });
  },
);
