/** Where a Spark Connect server is, and who asks it. The token is a secret. */
export interface Remote {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  /** Whether the connection is encrypted (TLS). */
  readonly isSecure: boolean;
  readonly userId: string;
  /** Further headers of each request, e.g. `x-databricks-cluster-id`. */
  readonly headers: Readonly<Record<string, string>>;
}

const DEFAULT_PORT = 15_002;

/**
 * Reads an address as Spark's own clients take it: `sc://host:port/;token=…;use_ssl=true;user_id=…;x-header=…`. A token
 * is sent over TLS, but to this machine itself. Undefined for any other text, and for a token that would go unencrypted.
 */
export function parseRemote(text: string): Remote | undefined {
  const found = /^sc:\/\/(\[[\da-f:.]+\]|[^/;:@?#\s]+)(?::(\d{1,5}))?(?:\/(?:;(.*))?)?$/i.exec(text);
  const [, host, port = String(DEFAULT_PORT), parameters = ''] = found ?? [];
  if (host === undefined || Number(port) > 65_535) return undefined;
  const pairs = parameters.split(';').filter((pair) => pair !== '');
  if (!pairs.every((pair) => /^[^=]+=./.test(pair))) return undefined;
  const {
    token,
    use_ssl: ssl,
    user_id: userId = 'igarape',
    ...headers
  }: Record<string, string> = Object.fromEntries(pairs.map(decodedPair));
  if (ssl !== undefined && ssl !== 'true' && ssl !== 'false') return undefined;
  if (!Object.keys(headers).every((name) => /^x-[\w-]+$/i.test(name))) return undefined;
  const isSecure = ssl === undefined ? token !== undefined && !isLoopback(host) : ssl === 'true';
  if (token !== undefined && !isSecure && !isLoopback(host)) return undefined;
  return { host, port: Number(port), token, isSecure, userId, headers };
}

/** What is wrong with other texts, as the second half of "found …; allowed: …". */
export const REMOTE_RULE =
  'sc://host:port, and after it /;name=value;… of use_ssl, user_id and headers x-…. A token stands in SPARK_REMOTE, in the environment or .env, and goes encrypted, or to this machine alone';

function decodedPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), decoded(pair.slice(at + 1))];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/i.test(host);
}
