import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['./test/support/temporary.ts', './test/support/shared-spark.ts'],
    setupFiles: ['./test/support/seed.ts', './test/support/as-found.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    // Much of the time is spent in other processes, so that no core is left to the runner alone.
    maxWorkers: '100%',
    // To load its modules anew takes each file a second; `as-found.ts` sees to it that it leaves nothing to the next.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});
