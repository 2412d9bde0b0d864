import { join } from 'node:path';
import type { TableConfig } from '../config/config.ts';
import { defaultFilePattern } from '../config/table-name.ts';
import { IgarapeError } from '../core/errors.ts';
import { isLeftBehind, matchNames } from '../source/match.ts';
import { refuseUnclosed } from '../source/unclosed.ts';
import type { TableFile } from './open-table.ts';

/**
 * The table's file in an archive that stands for it, unpacked below `workDir`: the only file there, or the only one of
 * the table's name.
 *
 * @throws IgarapeError TABLE_UNREADABLE where there are several, or none; what the archive throws
 */
export async function tableInArchive(
  file: TableFile,
  table: TableConfig,
  workDir: string,
  signal: AbortSignal,
): Promise<TableFile> {
  const { openArchive } = await import('../source/archive.ts');
  const archive = await openArchive(file.path, { label: file.name });
  const names = archive.entries.map(({ name }) => name).filter((name) => !name.split('/').some(isLeftBehind));
  const matching = names.length === 1 ? names : matchNames(defaultFilePattern(table.name), names);
  const [name, ...others] = matching;
  if (name === undefined || others.length > 0) throw refuse(file, table, names);
  await refuseUnclosed(name, (other) => archive.entries.find((entry) => entry.name === other)?.sizeBytes);
  const extracted = (await archive.extract([name], join(workDir, 'archive'), signal)).get(name);
  if (extracted?.kind === 'failed') throw extracted.error;
  if (extracted === undefined) throw new Error(`${name} was not unpacked`);
  return { path: extracted.path, name: `${file.name}/${name}` };
}

function refuse(file: TableFile, table: TableConfig, names: readonly string[]): IgarapeError {
  const shown =
    names.length === 0 ? 'is empty' : `holds ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`;
  return new IgarapeError(
    'TABLE_UNREADABLE',
    `${file.name}: it is an archive that ${shown}, and which of them is the table ${table.name} is not told.`,
    { hint: 'Leave one file in the archive, or one whose name is that of the table.' },
  );
}
