import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import { checkStream, type StreamOptions } from './stream.ts';

/** How many sequences of snapshots are drawn for each property; more find more. */
const RUNS = Number(process.env['IGARAPE_PROPERTY_RUNS'] ?? 8);
/** Set: a failure is made as small as can be, which may take minutes. */
const SHRINK = process.env['IGARAPE_PROPERTY_SHRINK'] === '1';
const TIMEOUT_MS = 60_000 + RUNS * 30_000;

async function property(size: Omit<StreamOptions, 'folder'>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.gen(), async (g) => {
      const folder = await mkdtemp(join(tmpdir(), 'igarape-stream-'));
      try {
        await checkStream(g, { folder, ...size });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: RUNS, endOnFailure: !SHRINK },
  );
}

// oxlint-disable vitest/expect-expect -- what is expected stands in stream.ts
describe('any sequence of snapshots of any table', () => {
  test(
    'of a few rows that change much: replay gives the latest, counts are right, a second run publishes nothing',
    async () => {
      await property({ rows: 8, edits: 5, steps: 6 });
    },
    TIMEOUT_MS,
  );

  test(
    'of more rows that change little: the same holds across segments of a base',
    async () => {
      await property({ rows: 40, edits: 2, steps: 12 });
    },
    TIMEOUT_MS,
  );

  test(
    'bronze is the latest snapshot after every run, whatever changed',
    async () => {
      await property({ rows: 8, edits: 5, steps: 6, bronze: true });
    },
    TIMEOUT_MS,
  );
});
