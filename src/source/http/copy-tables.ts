import { join } from 'node:path';
import { IgarapeError } from '../../core/errors.ts';
import { describeFormat, sniffFormat } from '../archive-format.ts';
import { tablesInArchive } from '../archive-tables.ts';
import { openArchive } from '../archive.ts';
import { fetched, fetchedFile, unchanged } from '../fetched.ts';
import { manyFiles } from '../many.ts';
import { findTable, isStillMeant, withDate } from '../match.ts';
import type {
  Fetched,
  SeenFile,
  SourceContext,
  SourceSnapshot,
  TableRequest,
  TableState,
  Unchanged,
} from '../port.ts';
import { ownFile } from '../own-file.ts';
import type { LocalCopy } from './local-copy.ts';

export interface CopyOptions {
  /** What errors call the source. */
  readonly label: string;
  /** What to remember with each table; `sha256`, the copy's own, is among them. */
  readonly marks: Readonly<Record<string, string>>;
  /** True where a single file is the table's, whatever its name: there is one table, and one address. */
  readonly takesAnyName: boolean;
}

/**
 * The tables of a finished download, an archive or a single file. It is not opened where all of them were last read from
 * the same bytes, as their mark `sha256` says. Throws `SOURCE_CORRUPT` and `SOURCE_UNSAFE_ARCHIVE`.
 */
export async function openCopy(
  copy: LocalCopy,
  tables: readonly TableRequest[],
  options: CopyOptions,
  context: SourceContext,
): Promise<SourceSnapshot> {
  const { version, timeMicros, sha256, name } = copy;
  const at = timeMicros === undefined ? { label: version } : { label: version, timeMicros };
  const states = new Map<string, TableState>();
  for (const table of tables) {
    const isMeant = isStillMeant(table) || (options.takesAnyName && table.seen?.name === name);
    if (!table.seen || !isMeant || table.seen.marks?.['sha256'] !== sha256) continue;
    states.set(table.name, unchanged(table.seen, version, options.marks));
  }
  const others = tables.filter((table) => !states.has(table.name));
  if (others.length === 0) return { version: at, tables: states };
  return { version: at, tables: new Map([...states, ...(await openFile(copy, others, options, context))]) };
}

async function openFile(
  copy: LocalCopy,
  tables: readonly TableRequest[],
  { label, marks, takesAnyName }: CopyOptions,
  context: SourceContext,
): Promise<Map<string, TableState>> {
  const { version, sizeBytes, sha256, name } = copy;
  const { path, confirm } = await ownFile(
    join(context.workDir, copy.file),
    { label, sha256 },
    context.runDir,
    context.signal,
  );
  const format = await sniffFormat(path);
  const isArchive = format === 'zip' || format === 'tar' || format === 'tar.gz';
  if (isArchive || /\.(?:zip|tar|tgz|tar\.gz)$/i.test(name)) {
    const archive = await openArchive(path, { label });
    const folder = join(context.runDir, 'unpacked');
    return tablesInArchive(archive, tables, { version, marks, folder, signal: context.signal, confirm });
  }
  if (format === 'html') {
    throw new IgarapeError(
      'SOURCE_CORRUPT',
      `${label} is no table: it looks like ${describeFormat(format)}`,
      {
        hint: 'The address may lead to a page that asks to sign in, or that links to the file. Configure the address of the file itself.',
      },
    );
  }
  const file: SeenFile = { version, name, sizeBytes, sha256, marks };
  const stateOf = (table: TableRequest): TableState => {
    const match = findTable(table, [name]);
    if (match.kind === 'many') {
      const part = { name, sizeBytes, fetch: () => Promise.resolve(fetchedFile(path, file, confirm)) };
      return withDate(match, manyFiles(table, [part], { version, marks }));
    }
    if (!takesAnyName && match.kind !== 'found')
      return { kind: 'missing', pattern: table.pattern, names: [name] };
    const fetch = (): Promise<Fetched | Unchanged> =>
      Promise.resolve(fetched(path, file, table.seen, confirm));
    return withDate(match, { kind: 'present', name, sizeBytes, fetch });
  };
  return new Map(tables.map((table) => [table.name, stateOf(table)]));
}
