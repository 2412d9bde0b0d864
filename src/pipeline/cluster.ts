import type { Config } from '../config/config.ts';
import { parseRemote } from '../config/remote.ts';
import { Cluster } from '../spark/cluster.ts';
import type { PortEdge } from '../spark/open-port.ts';

/**
 * The Spark of a configuration, which is asked when it is needed; undefined where there is none.
 *
 * @param settings More of its session.
 */
export function openCluster(
  { engine }: Pick<Config, 'engine'>,
  edge: PortEdge,
  settings?: Readonly<Record<string, string>>,
): Cluster | undefined {
  if (engine.type === 'databricks')
    return new Cluster({ ...engine, host: engine.host ?? '' }, edge, settings);
  const remote = engine.type === 'spark' ? parseRemote(engine.remote ?? '') : undefined;
  return remote === undefined ? undefined : new Cluster(remote, edge, settings);
}
