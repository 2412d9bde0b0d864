import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The path of what the package brings, wherever in it the build has put this module. */
export function packageFile(path: string): string {
  return join(dirname(createRequire(import.meta.url).resolve('igarape/package.json')), path);
}
