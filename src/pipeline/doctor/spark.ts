import { IgarapeError } from '../../core/errors.ts';
import type { Told } from '../../core/language/sentence.ts';
import { STAGING } from '../../lake/layout.ts';
import { type Cluster, withoutDelta } from '../../spark/cluster.ts';
import { sparkErrorOf } from '../../spark/connect/spark-error.ts';
import type { Storage } from '../../storage/port.ts';
import type { Finding } from './check.ts';

const NOTED_SKEW_MS = 30 * 1000;

/**
 * Whether Spark answers, of which version, with Delta Lake, and at what time.
 *
 * @throws IgarapeError SPARK_…
 */
export async function lookAtSpark(cluster: Cluster, clock: () => number): Promise<Finding> {
  const version = await cluster.version();
  await lookAtDelta(cluster);
  const beforeMs = clock();
  const [row] = await cluster.rows({ sql: { query: 'SELECT unix_millis(current_timestamp()) AS now' } });
  const skewMs = Math.max(beforeMs - Number(row?.['now']), Number(row?.['now']) - clock(), 0);
  const found = `Spark ${version} with Delta Lake answers`;
  if (skewMs <= NOTED_SKEW_MS) return { found };
  return {
    found: `${found}; its clock is ${Math.round(skewMs / 1000)} s away from this one`,
    hint: 'Let both clocks be set by a time server: the times of commits are this machine’s.',
  };
}

/** Whatever it says of a table that is not there, it knows the format. */
async function lookAtDelta(cluster: Cluster): Promise<void> {
  try {
    const paths = [`file:/igarape-doctor/none`];
    await cluster.rows({ read: { data_source: { format: 'delta', paths, options: {} } } });
  } catch (error) {
    const missing = withoutDelta(error);
    if (missing !== undefined) throw missing;
    if (!(error instanceof IgarapeError) || error.code !== 'SPARK_FAILED') throw error;
  }
}

/**
 * Whether Spark sees what is stored in the lake from here, and the other way round.
 *
 * @throws IgarapeError SPARK_UNSUITABLE where they do not see the same; SPARK_…, LAKE_…
 */
export async function lookAtLakeFromSpark(cluster: Cluster, storage: Storage, id: string): Promise<Finding> {
  const prefix = `${STAGING}doctor-${id}-spark/`;
  const content = `igarape doctor ${id}`;
  try {
    await storage.putIfAbsent(`${prefix}here/probe.txt`, Buffer.from(content));
    await readThere(cluster, `${storage.uri}/${prefix}here`, content);
    await cluster.unload(`SELECT '${id}' AS probe`, [], `${storage.uri}/${prefix}there`);
    if (!(await hasParquet(storage, `${prefix}there/`)))
      throw apart(`What Spark has written to ${storage.uri} is not to be seen from here.`, storage);
  } finally {
    const left: string[] = [];
    for await (const { key } of storage.list(prefix)) left.push(key);
    await storage.delete(left);
  }
  return { found: 'Spark and igarape each see what the other stores in the lake' };
}

async function readThere(cluster: Cluster, uri: string, content: string): Promise<void> {
  const files = { format: 'text', paths: [cluster.path(uri)], options: {} };
  try {
    const [row] = await cluster.rows({ read: { data_source: files } });
    if (row?.['value'] === content) return;
  } catch (error) {
    if (sparkErrorOf(error)?.errorClass !== 'PATH_NOT_FOUND') throw error;
  }
  throw apart(`Spark does not see what was stored at ${uri}.`, { uri });
}

async function hasParquet(storage: Storage, prefix: string): Promise<boolean> {
  for await (const { key } of storage.list(prefix)) {
    if (!key.endsWith('.parquet')) continue;
    const bytes = await storage.read(key);
    return (
      Buffer.from(bytes ?? [])
        .subarray(0, 4)
        .toString('latin1') === 'PAR1'
    );
  }
  return false;
}

function apart(message: Told, { uri }: Pick<Storage, 'uri'>): IgarapeError {
  return new IgarapeError('SPARK_UNSUITABLE', message, {
    hint: uri.startsWith('s3://')
      ? 'The cluster needs the S3A connector (hadoop-aws), the same endpoint, and rights to read and write the prefix.'
      : 'A lake in a folder has to lie under the same path on every machine of the cluster: a lake in a bucket does.',
  });
}
