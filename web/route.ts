import { useEffect, useState } from 'preact/hooks';

/** Where the page is: `#/runs/3?table=clientes` is the path `runs`, `3`, and what stands after `?`. */
export interface Route {
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decoded),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** The address of a view, for a link. */
export function linkTo(
  path: readonly (string | number)[],
  query: Readonly<Record<string, string>> = {},
): string {
  const shown = Object.entries(query).filter(([, value]) => value !== '');
  const search = shown.length === 0 ? '' : `?${new URLSearchParams(shown)}`;
  return `#/${path.map((part) => encodeURIComponent(part)).join('/')}${search}`;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = (): void => setRoute(parseRoute(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}

/** Changes what stands after `?`, as another state of the same view. */
export function setQuery({ path, query }: Route, change: Readonly<Record<string, string>>): void {
  location.replace(linkTo(path, { ...query, ...change }));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
