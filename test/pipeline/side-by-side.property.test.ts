import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Progress } from '../../src/core/log.ts';
import { followRun } from '../../src/cli/run-phase.ts';
import { openScenario } from '../support/scenario.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();

/** What a table's file may be on a day. */
const states = {
  first: 'id,v\n1,a\n2,b\n3,c\n',
  changed: 'id,v\n1,a\n2,x\n4,d\n',
  retyped: 'id,v\n1,a\nx,b\n3,c\n',
  wider: 'id,v,w\n1,a,1\n2,b,2\n3,c,3\n',
  twice: 'id,v\n1,a\n1,b\n',
  cut: 'id,v\n1,a\n2\n',
  quoted: '# a comment\nid,v\n1,"a\nb"\n2,b\n3,c\n',
  empty: '',
  gone: undefined,
} as const;

const state = fc.constantFrom(...Object.values(states));
const days = fc.array(fc.array(state, { minLength: 5, maxLength: 5 }), { minLength: 2, maxLength: 2 });

/** With less memory than two engines need, tables are examined one after the other. */
const MEMORY = { 'side by side': '1GB', 'one after the other': '200MB' } as const;

test('tables that are examined side by side are planned, reported and recorded as one after the other', async () => {
  let draw = 0;
  await fc.assert(
    fc.asyncProperty(days, async (drawn) => {
      draw += 1;
      const told = await Promise.all(
        Object.entries(MEMORY).map(async ([how, memoryLimit]) => {
          const folder = join(dir(), `${draw} ${how}`);
          const tables = (drawn[0] ?? []).map((_, index) => ({ name: `t${index}`, pk: 'id', comment: '#' }));
          const share = followRun(false);
          const shares: number[] = [];
          const onProgress = (progress: Progress): void => void shares.push(share(progress).share);
          let atMs = Date.UTC(2026, 0, 1);
          const edge = { onProgress, clock: () => atMs, newId: () => `id${draw}` };
          const lake = openScenario(folder, { tables, memory_limit: memoryLimit }, { edge });
          const all: unknown[] = [];
          for (const files of drawn) {
            atMs += 60_000;
            for (const [index, content] of files.entries()) {
              if (content !== undefined) await lake.write(`t${index}.csv`, content);
              else await lake.remove(`t${index}.csv`).catch(() => undefined);
            }
            const planned = await lake.plan();
            const { report, exitCode } = await lake.run();
            all.push(planned.tables, report.tables, exitCode);
            all.push((await lake.ledger()).at(-1));
          }
          expect(shares).toEqual(shares.toSorted((one, other) => one - other));
          expect((await lake.verify()).ok).toBe(true);
          // Files have times of their own, and so has the version that is made of them.
          return JSON.stringify(all, (name, value: unknown) =>
            ['version', 'marks', 'sha256'].includes(name) ? undefined : value,
          );
        }),
      );
      expect(told[0]).toBe(told[1]);
    }),
    { numRuns: Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 3) },
  );
});
