/**
 * The paths of data files as the log spells them: URIs (RFC 2396) that are relative to the table or absolute. One
 * decoding gives the file's name, whatever Hive escapes are part of that name.
 */
export type FilePath =
  /** Under the table's root. */
  | { readonly kind: 'relative'; readonly key: string }
  /** A file of this machine, by its absolute path. */
  | { readonly kind: 'local'; readonly path: string }
  /** An object of another scheme, decoded. */
  | { readonly kind: 'remote'; readonly uri: string };

/** @throws URIError where a percent sign is not followed by two digits, or the bytes are no UTF-8 */
export function decodeUriPath(path: string): FilePath {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(path)?.[1]?.toLowerCase();
  if (scheme === 'file') {
    const rest = path.slice('file:'.length);
    const withoutHost = rest.startsWith('//') ? rest.slice(2).replace(/^[^/]*/, '') : rest;
    return { kind: 'local', path: decodeURIComponent(withoutHost) };
  }
  if (scheme !== undefined && path.startsWith('//', scheme.length + 1)) {
    return { kind: 'remote', uri: decodeURIComponent(path) };
  }
  if (path.startsWith('/')) return { kind: 'local', path: decodeURIComponent(path) };
  return { kind: 'relative', key: decodeURIComponent(path) };
}

/**
 * What tells one file from another: two spellings of one file (`file:/x`, `file:///x`, `/x`; `a%20b`, `a b`) have one
 * key. A path that cannot be decoded stands for itself.
 */
export function filePathKey(path: string): string {
  if (!/[%:]|^\//.test(path)) return path;
  try {
    const decoded = decodeUriPath(path);
    if (decoded.kind === 'relative') return decoded.key;
    return decoded.kind === 'local' ? `/${decoded.path.replace(/^\/+/, '')}` : decoded.uri;
  } catch {
    return path;
  }
}

/** The path of a file under the table's root for the log: a URI whose one decoding gives `key` again. */
export function encodeUriPath(key: string): string {
  // A colon is encoded, too: what stands before it would be read as a scheme. The sign of partition folders is not, as
  // with other writers.
  return encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%3D', '=');
}
