import { expect, it } from 'vitest';
import { DeltaTable } from '../../../src/delta/table.ts';
import { useTempDir } from '../../support/tmp.ts';
import { openTable } from '../disk.ts';

const dir = useTempDir();
const ROWS = 200_000;

it('few rows of files and many are marked as deleted, beside those that were marked before', async () => {
  await using made = await DeltaTable.create(dir(), { rows: `SELECT i AS id FROM range(${ROWS}) AS r(i)` });
  await made.append(`SELECT i AS id FROM range(${ROWS}, ${2 * ROWS}) AS r(i)`);
  const gone: string[] = [];
  for (const condition of ['id % 50000 = 65', 'hash(id) % 40 = 7', 'id IN (0, 7, 65535, 65536, 399999)']) {
    await made.delete(condition);
    gone.push(condition);
    const table = await openTable(dir());
    const { sql } = await table.read();
    const left = `SELECT i AS id FROM range(${2 * ROWS}) AS r(i), (SELECT i AS id) WHERE NOT (${gone.join(' OR ')})`;
    const differ = await table.engine.rows(
      `(${sql} EXCEPT ${left}) UNION ALL (${left} EXCEPT ${sql}) LIMIT 3`,
    );
    expect(differ).toEqual([]);
  }
});
