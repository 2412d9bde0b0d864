import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

test.each([null, 'op', 'dms'])(
  'columns named as DuckDB names its own, or with a byte order mark, are replayed like any other (compat: %s)',
  async (compat) => {
    const scenario = openScenario(join(dir(), `a's [b]* {c}`), {
      compat,
      tables: [{ name: 't', pk: 'file_row_number' }],
    });
    await scenario.write(
      't.csv',
      'file_row_number,rowid,filename,\uFEFFt,c\n1,a,b,c,d\n2,a,b,c,d\n3,a,b,c,d\n',
    );
    await scenario.run();
    for (const value of ['x', 'y']) {
      await scenario.write(
        't.csv',
        `file_row_number,rowid,filename,\uFEFFt,c\n1,a,b,c,${value}\n2,a,b,c,d\n3,a,b,c,d\n`,
      );
      expect(await scenario.runTable('t')).toMatchObject({ operation: 'cdc', updated: 1 });
    }
    expect((await scenario.verify()).tables['t']?.problems).toEqual([]);
  },
);
