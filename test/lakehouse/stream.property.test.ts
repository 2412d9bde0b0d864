import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { test } from 'vitest';
import { checkLakehouse } from './stream.ts';

/** How many histories are drawn; more find more. */
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 2);
/** Set: a failure is made as small as can be, which may take minutes. */
const SHRINK = process.env['IGARAPE_PROPERTY_SHRINK'] === '1';

// oxlint-disable vitest/expect-expect -- what is expected stands in stream.ts
test(
  'W43: bronze is the latest published state, silver its SELECT over bronze, gold its SELECT over silver for every date, after any history',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.gen(), async (g) => {
        const folder = await mkdtemp(join(tmpdir(), 'igarape-lakehouse-'));
        try {
          await checkLakehouse(g, { folder, steps: 5 });
        } finally {
          await rm(folder, { recursive: true, force: true });
        }
      }),
      { numRuns: RUNS, endOnFailure: !SHRINK },
    );
  },
  60_000 + RUNS * 60_000,
);
