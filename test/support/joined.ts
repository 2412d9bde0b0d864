import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const sourceMap = z.object({ sources: z.array(z.string()) });

/** The paths of the modules that the build has joined in a file of `dist/`. */
export function joinedIn(built: string): readonly string[] {
  const { sources } = sourceMap.parse(JSON.parse(readFileSync(`${built}.map`, 'utf8')));
  return sources.filter((source) => source.startsWith('.')).map((source) => join(dirname(built), source));
}
