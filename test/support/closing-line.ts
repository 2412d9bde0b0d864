import type { Reporter, TestModule } from 'vitest/node';

/** Ends the output with the plain line `N passed, N failed, N skipped`, after a line for each reason of a skip. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    const reasons = new Set<string>();
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      // A suite fails where one of its hooks does: then its tests are merely skipped.
      for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state !== 'pending') counts[result.state] += 1;
        if (result.state === 'skipped')
          reasons.add(`skipped: ${module.relativeModuleId}: ${result.note ?? test.fullName}`);
      }
    }
    for (const reason of reasons) process.stdout.write(`${reason}\n`);
    process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  }
}
