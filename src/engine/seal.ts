import { dirname, isAbsolute } from 'node:path';
import type { Engine } from './engine.ts';
import { quoteText } from './quote.ts';

/** What a sealed engine may still reach beside the files that its views read. */
export interface SealExceptions {
  readonly files: readonly string[];
  /** With everything below them; statements may write there, too. */
  readonly folders: readonly string[];
}

/**
 * Shuts an engine in, for SQL that somebody else has written: from here on its statements reach the files that the views
 * made so far read, and the exceptions, but no other file, no network and no extension, and change no setting. There
 * is no way back.
 */
export async function sealEngine(engine: Engine, { files, folders }: SealExceptions): Promise<void> {
  const read = await filesOfViews(engine);
  const literal = read.filter((path) => !HAS_GLOB.test(path));
  const patterns = read.filter((path) => HAS_GLOB.test(path)).map(folderOfPattern);
  await engine.run(`SET allowed_paths = ${list([...literal, ...files])}`);
  await engine.run(`SET allowed_directories = ${list([...patterns, ...folders])}`);
  await engine.run('SET enable_external_access = false');
  await engine.run('SET lock_configuration = true');
}

/** Every path among the texts of the views' definitions. */
async function filesOfViews(engine: Engine): Promise<string[]> {
  const views = await engine.rows('SELECT sql FROM duckdb_views() WHERE NOT internal');
  const texts = views.flatMap(({ sql }) =>
    [...String(sql).matchAll(/"(?:[^"]|"")*"|'((?:[^']|'')*)'/g)].flatMap(([, text]) =>
      text === undefined ? [] : [text.replaceAll("''", "'")],
    ),
  );
  return [...new Set(texts.filter(isAbsolute))];
}

const HAS_GLOB = /[*?[]/;

/** Files under a path with signs of globs are looked for by a pattern, which the engine allows below a folder alone. */
function folderOfPattern(pattern: string): string {
  return dirname(`${pattern.slice(0, pattern.search(HAS_GLOB))}.`);
}

function list(paths: readonly string[]): string {
  return `[${[...new Set(paths)].map(quoteText).join(', ')}]`;
}
