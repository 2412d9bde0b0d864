/** A URL as it may be shown and kept: without credentials, query and fragment, any of which can hold a secret. */
export function safeUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** The last part of a URL's path, decoded. */
export function urlBaseName(url: URL): string {
  const last = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
