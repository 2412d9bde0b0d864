/** A workspace of Databricks, and what computes there. */
export interface Databricks {
  /** `https://…`, without a path. */
  readonly host: string;
  readonly compute: DatabricksCompute;
  /** Secrets; undefined where the environment has none. */
  readonly credentials: DatabricksCredentials | undefined;
}

/** A SQL warehouse, through the Statement Execution API; a cluster, through Spark Connect. */
export type DatabricksCompute =
  | { readonly kind: 'warehouse'; readonly id: string }
  | { readonly kind: 'cluster'; readonly id: string };

export type DatabricksCredentials =
  | { readonly kind: 'token'; readonly token: string }
  /** A service principal, for which tokens of an hour are asked for. */
  | { readonly kind: 'client'; readonly id: string; readonly secret: string };

/**
 * A workspace's address, with or without `https://`, as `https://host`; undefined for any other text. Without encryption it
 * may only be this machine.
 */
export function workspaceHost(text: string): string | undefined {
  const address = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return undefined;
  const { protocol, origin, hostname, pathname, search, username, hash } = new URL(address);
  if (pathname !== '/' || search !== '' || username !== '' || hash !== '') return undefined;
  const isHere = protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
  return protocol === 'https:' || isHere ? origin : undefined;
}

/** What is wrong with other texts, as the second half of "found …; allowed: …". */
export const WORKSPACE_RULE = 'the address of a workspace, such as https://dbc-a1b2.cloud.databricks.com';
