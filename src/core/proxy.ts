import { IgarapeError } from './errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in either letter case, want requests to an address to take;
 * undefined where none. One without a scheme is meant as `http://`.
 *
 * @throws IgarapeError CONFIG_INVALID the variable holds no address
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const written = valueOf(env, name);
  if (written === undefined || isExempt(url, valueOf(env, 'no_proxy') ?? '')) return undefined;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(written) ? written : `http://${written}`;
  const proxy = URL.canParse(address) ? new URL(address) : undefined;
  if (proxy !== undefined && proxy.hostname !== '' && /^https?:$/.test(proxy.protocol)) return proxy;
  throw new IgarapeError(
    'CONFIG_INVALID',
    `${name.toUpperCase()} in the environment is no address of a proxy`,
    {
      hint: 'Set it to an address such as http://proxy.example:3128, with user:password@ before the host where it asks for them.',
    },
  );
}

/** A proxy's address for messages, without user and password. */
export function proxyName({ protocol, host }: URL): string {
  return `${protocol}//${host}`;
}

function valueOf(env: Environment, name: string): string | undefined {
  const text = (env[name] ?? env[name.toUpperCase()] ?? '').trim();
  return text === '' ? undefined : text;
}

/** `NO_PROXY`: hosts, whose subdomains are meant too, with or without a port; `*` is all. */
function isExempt({ hostname, port, protocol }: URL, list: string): boolean {
  const ownPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = entry, entryPort] = /^(\[[^\]]+\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [];
      const suffix = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
      const isHost = host === suffix || host.endsWith(`.${suffix}`);
      return isHost && (entryPort === undefined || entryPort === ownPort);
    });
}
