import { array, assert, asyncProperty, boolean, record } from 'fast-check';
import { expect, it } from 'vitest';
import { createTable } from '../../../src/delta/create-table.ts';
import { loadSnapshot } from '../../../src/delta/snapshot.ts';
import type { Writer } from '../../../src/delta/writer.ts';
import { after, type Row, run, sqlOf, stepArbitrary, textsOf } from './steps.ts';
import { openWriter, rowsBetween, tableRows } from './table.ts';

const settings = record({ vectors: boolean(), partitioned: boolean() });

it(
  'holds what a model of the same steps holds, and tells every change of them',
  { timeout: 300_000 },
  async () => {
    await assert(
      asyncProperty(settings, array(stepArbitrary, { maxLength: 12 }), async (setting, steps) => {
        const writer = await openWriter();
        await createTable(writer, {
          rows: sqlOf([]),
          partitionColumns: setting.partitioned ? ['part'] : [],
          configuration: { 'delta.enableDeletionVectors': String(setting.vectors) },
        });
        const versions: (readonly Row[])[] = [[]];
        for (const step of steps) {
          const snapshot = await loadSnapshot(writer);
          const model = versions[snapshot.version] ?? [];
          const next = after(versions, snapshot, step);
          const { version } = await run(writer, snapshot, step, model);
          await expectRows(writer, version, next);
          if (version > snapshot.version) await expectChanges(writer, version, model, next);
          versions[version] = next;
        }
      }),
      { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 25) },
    );
  },
);

async function expectRows(writer: Writer, version: number, model: readonly Row[]): Promise<void> {
  const rows = await tableRows(writer, await loadSnapshot(writer, version));
  expect(textsOf(rows)).toEqual(textsOf(model));
}

/** What the feed takes away and adds leads from the one state to the other; no row is told that stayed as it was. */
async function expectChanges(
  writer: Writer,
  version: number,
  before: readonly Row[],
  next: readonly Row[],
): Promise<void> {
  const changes = await rowsBetween(writer, version, version);
  const gone = changes.filter(({ _change_type: type }) => type === 'delete' || type === 'update_preimage');
  const come = changes.filter(({ _change_type: type }) => type === 'insert' || type === 'update_postimage');
  expect(textsOf([...before, ...come])).toEqual(textsOf([...next, ...gone]));
}
