import type { Told } from '../core/language/sentence.ts';
import type { Schema } from '../core/schema.ts';
import { STAGING } from '../lake/layout.ts';
import type { Cluster } from '../spark/cluster.ts';
import { sparkName } from '../spark/dialect/quote.ts';
import { OnSpark } from '../spark/on-spark.ts';
import { storageWithin } from '../storage/within.ts';
import { openCluster } from './cluster.ts';
import type { ComparingSpark, Edge, RunContext, RunRequest } from './context.ts';
import type { TableOutcome } from './outcome.ts';

/** Knows every encoding that this one's faster one does not, such as that of numbers in streams of their bytes. */
const THOROUGH = { 'spark.sql.parquet.enableVectorizedReader': 'false' };

/** The Spark of a configuration, for a run that compares tables; undefined where there is none. */
export function comparingSpark(
  { config, env, storage }: Pick<RunRequest, 'config' | 'env' | 'storage'>,
  edge: Edge,
  attempt: string,
): (ComparingSpark & AsyncDisposable) | undefined {
  const fast = openCluster(config, { ...edge, env });
  const thorough = openCluster(config, { ...edge, env }, THOROUGH);
  if (fast === undefined || thorough === undefined) return undefined;
  const staging = storageWithin(storage, `${STAGING}${attempt}/`);
  const leftovers: string[] = [];
  return {
    clusterFor: (hasDoubles: boolean): Cluster => (hasDoubles ? thorough : fast),
    staging,
    leftovers,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([fast.close(), thorough.close()]);
      await staging.delete(leftovers).catch((error: unknown) => {
        edge.log.debug({ err: error }, 'what Spark has found is left to a later run');
      });
    },
  };
}

/** So much more memory than files of Parquet take have their rows in work. */
const MEMORY_PER_BYTE = 8;

/** True of files whose rows stay where they are, for they would not fit in the memory. */
export async function isLarge(
  { engine }: RunContext,
  files: readonly { readonly sizeBytes: number }[],
): Promise<boolean> {
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return bytes * MEMORY_PER_BYTE > (await engine.memoryBytes());
}

/** Spark for one table. @param storage Where it leaves rows. */
export function openOnSpark(
  { engine, runDir, edge }: RunContext,
  { clusterFor }: ComparingSpark,
  schema: Schema,
  storage: ComparingSpark['staging'],
): OnSpark {
  const cluster = clusterFor(schema.some(({ type }) => type === 'double'));
  return new OnSpark({ engine, workDir: runDir, log: edge.log, storage }, cluster);
}

/** Spark SQL: how many rows have a text that is none. */
export function brokenTexts(schema: Schema): string {
  const texts = schema.filter(({ type }) => type === 'text');
  const broken = texts.map(({ name }) => `NOT is_valid_utf8(${sparkName(name)})`);
  return broken.length === 0 ? '0' : `count_if(${broken.join(' OR ')})`;
}

export type ExaminedOnSpark =
  | { readonly kind: 'examined'; readonly outcome: TableOutcome; readonly statements: number }
  /** DuckDB examines it: why, for users. */
  | { readonly kind: 'refused'; readonly reason: Told; readonly statements: number };

export function refused(reason: Told, statements = 0): ExaminedOnSpark {
  return { kind: 'refused', reason, statements };
}
