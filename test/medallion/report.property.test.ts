import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { heldReport, type LayerReport, sumReports } from '../../src/medallion/report.ts';

const drawnReport: fc.Arbitrary<LayerReport> = fc
  .record({
    operation: fc.constantFrom('created', 'updated', 'rebuilt', 'unchanged'),
    rows: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(9), fc.nat(9)),
    version: fc.nat(9),
  })
  .map(({ operation, rows, version }) => {
    const [inserted, updated, deleted] = operation === 'unchanged' ? [0, 0, 0] : rows;
    return { operation, inserted, updated, deleted, version };
  });

test('commits one after the other are told as what they have done together', () => {
  fc.assert(
    fc.property(fc.array(drawnReport, { minLength: 1, maxLength: 5 }), fc.boolean(), (commits, isHeld) => {
      const reports = isHeld ? [...commits, heldReport(1, 'a check')] : commits;
      const sum = reports.reduce(sumReports);
      const did = commits.map(({ operation }) => operation).filter((each) => each !== 'unchanged');
      const together = did.includes('created') ? 'created' : (did.at(-1) ?? 'unchanged');
      expect(sum.operation).toBe(isHeld ? 'held' : together);
      expect(sum.inserted).toBe(commits.reduce((rows, { inserted }) => rows + inserted, 0));
      expect(sum.version).toBe(reports.at(-1)?.version);
    }),
  );
});
