import { existsSync } from 'node:fs';
import type { Peer } from './external.ts';

/** Debian's Chromium, as `.ci/run` installs it; the value is its path. */
export function chromium(): Peer<string> {
  const found = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
  return found === undefined
    ? { here: false, reason: 'the page is tried in Chromium: apt-get install chromium' }
    : { here: true, value: found };
}
