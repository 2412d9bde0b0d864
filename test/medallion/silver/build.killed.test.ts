import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useLayers } from '../../support/layer-tables.ts';
import { runScript } from '../../support/script.ts';
import { useTempDir } from '../../support/tmp.ts';
import type { DeathOrder } from './build-and-die.ts';
import { bronze, freshRows, replayedRows, runSilver, silverModel, silverRows } from './silver-lake.ts';

const dir = useTempDir();
const open = useLayers();
const SCRIPT = new URL('build-and-die.ts', import.meta.url);

const MODEL = '-- key: id\nSELECT id, upper(nome) AS nome FROM bronze.clientes WHERE pontos > 0';
const OTHER = '-- key: id\nSELECT id, lower(nome) AS nome FROM bronze.clientes WHERE pontos > 0';
const WIDER = '-- key: id\nSELECT id, lower(nome) AS nome, pontos FROM bronze.clientes WHERE pontos > 0';

test.each([
  { what: 'is made for the first time', text: MODEL, isNew: true },
  { what: 'is updated', text: MODEL, isNew: false },
  { what: 'is made anew for another model', text: OTHER, isNew: false },
  { what: 'gets other columns', text: WIDER, isNew: false },
])(
  'a table that $what is as it was or as it is to be, at whichever write the run is killed, and the next run ends it',
  { timeout: 300_000 },
  async ({ text, isNew }) => {
    const original = join(dir(), 'original');
    const tables = await open(original);
    const source = await bronze(
      tables,
      'clientes',
      `SELECT i AS id, 'n' || i AS nome, i AS pontos FROM range(6) AS r(i)`,
    );
    const first = await silverModel(tables, MODEL);
    if (!isNew) await runSilver(tables, first);
    await source.update({ set: { nome: `'X'`, pontos: '9' }, where: 'id < 2' });
    await source.delete('id = 4');
    const before = isNew ? undefined : await silverRows(tables, first);
    const versions = isNew ? 0 : 1;
    let write = 1;
    for (; ; write += 1) {
      const folder = join(dir(), String(write));
      await cp(join(original, 'lake'), join(folder, 'lake'), { recursive: true, preserveTimestamps: true });
      const order: DeathOrder = { folder, text, write };
      const signal = await runScript(SCRIPT, order);
      const left = await open(folder);
      const model = await silverModel(left, text);
      const found = (await left.find(model)) === undefined ? undefined : await silverRows(left, model);
      await runSilver(left, model);
      const rows = await silverRows(left, model);
      const what = `killed before write ${write}`;
      expect([what, rows]).toEqual([what, await freshRows(left, model)]);
      expect([before, rows], what).toContainEqual(found);
      expect([what, await replayedRows(left, model)]).toEqual([what, rows]);
      expect([what, (await (await left.require(model)).snapshot()).version]).toEqual([what, versions]);
      expect(await runSilver(left, model)).toMatchObject({ operation: 'unchanged' });
      if (signal === null) break;
    }
    expect(write).toBeGreaterThan(2);
  },
);
