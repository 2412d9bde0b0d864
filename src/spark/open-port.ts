import type { Databricks } from '../config/databricks.ts';
import type { Remote } from '../config/remote.ts';
import type { Logger } from '../core/log.ts';
import { defaultPatience, type Patience } from '../source/http/retry.ts';
import { SparkSession } from './connect/session.ts';
import { WorkspaceApi } from './databricks/api.ts';
import { Warehouse } from './databricks/warehouse.ts';
import type { SparkPort, SparkProgress } from './port.ts';

export interface PortEdge {
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** A new UUID; one at random where it is left out. */
  readonly newId?: () => string;
  /** Stops what runs, there, too. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Told while a statement is computed. */
  readonly onTasks?: (progress: SparkProgress) => void;
  /** For proxies. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly patience?: Patience;
}

/** @throws IgarapeError SPARK_UNSUITABLE where the packages that it takes are not installed; SPARK_… */
export async function openPort(place: Remote | Databricks, edge: PortEdge): Promise<SparkPort> {
  const {
    clock,
    newId,
    signal,
    log,
    onTasks,
    env = {},
    patience = { ...defaultPatience, now: clock },
  } = edge;
  const session = {
    clock,
    signal,
    ...(newId === undefined ? {} : { sessionId: newId() }),
    ...(onTasks === undefined ? {} : { onProgress: onTasks }),
  };
  if (!('compute' in place)) return SparkSession.open(place, session);
  // It takes longer to load than all else of a run, and only a workspace is asked by it.
  const { createHttpClient } = await import('../source/http/client.ts');
  const client = createHttpClient({ env, userAgent: 'igarape' });
  const api = new WorkspaceApi(place, { client, patience, signal, log });
  const { kind, id } = place.compute;
  if (kind === 'warehouse') return new Warehouse({ api, warehouse: id, signal, sleep: patience.sleep });
  const { hostname, port, protocol } = new URL(place.host);
  const isSecure = protocol === 'https:';
  const remote = {
    host: hostname,
    port: port === '' ? 443 : Number(port),
    token: undefined,
    isSecure,
    userId: 'igarape',
    headers: { 'x-databricks-cluster-id': id },
  };
  return SparkSession.open(remote, { ...session, token: () => api.token() });
}
