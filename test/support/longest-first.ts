import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Begun by their size alone, these would be the last, and one worker would have nothing to do beside them. */
const LONGEST: readonly string[] = [
  'spark/connect.spark',
  'faults/bucket.s3',
  'faults/local',
  'lakehouse/local.kills',
  'spark/buckets.s3',
  'delta/interop/spark.readers',
  'lakehouse/bucket.kills.s3',
  'docs/readme-commands',
  'delta/write/writers.together',
  'ui/large-page.browser',
  'cli/demo',
  'lakehouse/layers.readers',
  'readers/spark.readers',
  'spark/dialect/dialect.spark',
];

/** Starts the longest files first, so that none of them is alone at the end. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return at < 0 ? LONGEST.length : at;
    };
    // oxlint-disable-next-line unicorn/no-array-sort -- it is no array that sorts
    const bySize = await super.sort(files);
    return bySize.toSorted((a, b) => rank(a) - rank(b));
  }
}
