import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['./test/support/temporary.ts', './test/support/shared-spark.ts'],
    setupFiles: ['./test/support/seed.ts'],
    reporters: ['default', './test/support/closing-line.ts'],
    // Much of the time is spent in other processes, so that no core is left to the runner alone.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 600_000,
  },
});
