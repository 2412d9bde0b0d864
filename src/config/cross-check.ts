import { isAbsolute, relative, resolve as resolvePath, sep } from 'node:path';
import { ONCE } from '../core/once.ts';
import * as z from 'zod';
import { checkCsvMarks } from './csv-check.ts';
import { csvKeys } from './csv-schema.ts';
import type { KeyPath, Problem } from './problem.ts';

/**
 * What no single key shows: two that contradict each other, two tables of one name, folders inside one another.
 * `raw` may have other problems; what cannot be read here is left to them.
 */
export function crossCheck(raw: unknown, folder: string): Problem[] {
  const parsed = readable.safeParse(raw, ONCE);
  if (!parsed.success) return [];
  const written = parsed.data;
  return [
    ...checkShortForms(written),
    ...checkPlaces(written, folder),
    ...checkTableNames(written.tables),
    ...written.tables.flatMap((table, index) => checkTable(table, ['tables', index])),
  ];
}

const text = z.string().optional().catch(undefined);
const readable = z.object({
  source: z.unknown().optional(),
  dataset_name: z.unknown().optional(),
  lake: text,
  s3: z.unknown().optional(),
  aws: z.unknown().optional(),
  compat: z.unknown().optional(),
  cdc_columns: z.unknown().optional(),
  layers: z.array(z.unknown()).catch([]).default([]),
  work_dir: z.string().catch('.igarape').default('.igarape'),
  tables: z
    .array(
      z
        .object({
          name: text,
          pk: z
            .union([z.array(z.string()), z.string()])
            .optional()
            .catch([]),
          mode: z.unknown().optional(),
          file: text,
          duplicates: z.unknown().optional(),
          ignore: z.array(z.string()).catch([]).default([]),
          date_field: text,
          update_when: z.unknown().optional(),
          sep: text,
          quote: text,
          escape: text,
          comment: text,
          decimal: text,
          thousands: text,
          columns: z.array(z.string()).catch([]).default([]),
          date_format: csvKeys.date_format.catch(undefined),
          booleans: csvKeys.booleans.catch(undefined),
          bronze: z.unknown().optional(),
        })
        .catch({
          pk: [],
          duplicates: undefined,
          ignore: [],
          mode: undefined,
          file: undefined,
          name: undefined,
          date_field: undefined,
          update_when: undefined,
          sep: undefined,
          quote: undefined,
          escape: undefined,
          comment: undefined,
          decimal: undefined,
          date_format: undefined,
          booleans: undefined,
          thousands: undefined,
          columns: [],
          bronze: undefined,
        }),
    )
    .catch([]),
});

type Readable = z.output<typeof readable>;
type ReadableTable = Readable['tables'][number];

function checkShortForms(written: Readable): Problem[] {
  const problems: Problem[] = [];
  const report = (path: KeyPath, message: string): void => void problems.push({ path, message });
  const hasSource = written.source !== undefined || written.dataset_name !== undefined;
  const isAsked = written.tables.length === 0 || written.tables.some(({ bronze }) => bronze === undefined);
  if (!hasSource && isAsked) {
    report(
      ['source'],
      'is missing; allowed: source, or its short form dataset_name for a Kaggle data set; none where every table has bronze.from',
    );
  }
  if (!hasSource && !isAsked && !written.layers.includes('bronze')) {
    report(['layers'], 'is missing, so nothing would be made of these tables; allowed: ["bronze"] and on');
  }
  if (written.source !== undefined && written.dataset_name !== undefined) {
    report(['dataset_name'], 'source is given too; allowed: one of the two');
  }
  if (written.aws !== undefined && written.lake !== undefined) {
    report(['aws'], 'lake is given too; allowed: one of the two (with lake, S3 options stand in s3)');
  }
  if (written.aws !== undefined && written.s3 !== undefined) {
    report(['s3'], 'aws is given too; allowed: one of the two (aws takes the same options)');
  }
  if (typeof written.compat === 'string' && written.cdc_columns !== undefined) {
    report(
      ['cdc_columns'],
      `compat ${JSON.stringify(written.compat.slice(0, 20))} sets the names; allowed: one of the two`,
    );
  }
  return problems;
}

function checkPlaces(written: Readable, folder: string): Problem[] {
  const source = z.object({ type: z.string(), path: text, uri: text }).safeParse(written.source, ONCE).data;
  const workDir = resolvePath(folder, written.work_dir);
  const lake = localLake(written, folder);
  const problems: Problem[] = [];
  const report = (path: KeyPath, message: string): void => void problems.push({ path, message });
  if (lake !== undefined && isWithin(lake, workDir)) {
    report(['lake'], 'lies in work_dir, which may be removed at any time; allowed: a folder outside of it');
  }
  if (source?.type === 'files' && source.path !== undefined) {
    const files = resolvePath(folder, source.path);
    if (lake !== undefined && (isWithin(lake, files) || isWithin(files, lake))) {
      report(
        ['lake'],
        'the lake and source.path lie in one another, so what is published would be read as source; allowed: two folders side by side',
      );
    }
    if (isWithin(workDir, files)) {
      report(
        ['work_dir'],
        'lies in source.path, so downloads and caches would be read as source; allowed: a folder outside of it',
      );
    }
  }
  const bucket = written.lake?.startsWith('s3://') === true ? written.lake : undefined;
  if (source?.type === 's3' && source.uri !== undefined && bucket !== undefined) {
    if (isUnder(bucket, source.uri) || isUnder(source.uri, bucket)) {
      report(
        ['lake'],
        'the lake and source.uri lie in one another, so what is published would be read as source; allowed: two prefixes side by side',
      );
    }
  }
  return problems;
}

function localLake(written: Readable, folder: string): string | undefined {
  if (written.aws !== undefined || written.lake?.includes('://') === true) return undefined;
  return resolvePath(folder, written.lake ?? 'lake');
}

function checkTableNames(tables: readonly ReadableTable[]): Problem[] {
  const seen = new Map<string, number>();
  return tables.flatMap(({ name }, index) => {
    // Compared without case: two files that differ in case alone are one on Windows and macOS.
    const folded = name?.normalize('NFC').toLowerCase();
    if (folded === undefined) return [];
    const first = seen.get(folded);
    if (first === undefined) seen.set(folded, index);
    return first === undefined
      ? []
      : [
          {
            path: ['tables', index, 'name'],
            message: `tables[${first}] has this name already; allowed: names that differ, in more than case`,
          },
        ];
  });
}

function checkTable(table: ReadableTable, at: KeyPath): Problem[] {
  const problems: Problem[] = [];
  const report = (key: string, message: string): void => void problems.push({ path: [...at, key], message });
  problems.push(...checkCsvMarks(table, at));
  if (table.mode === 'append') return [...problems, ...checkGrowing(table, at)];
  if (table.pk === undefined)
    report('pk', 'is missing; allowed: a text or a list; none with "mode": "append"');
  const { pk = [] } = table;
  const key = (typeof pk === 'string' ? [pk] : pk).map((name) => name.toLowerCase());
  if (new Set(key).size < key.length) report('pk', 'names a column twice; allowed: each once');
  if (pk === 'row') {
    if (table.bronze !== undefined) report('pk', 'found "row"; allowed with bronze: columns of the files');
    if (table.duplicates !== undefined)
      report('duplicates', 'pk is "row", which counts rows that are alike; allowed: columns for a key');
    if (table.update_when === 'timestamp')
      report('update_when', 'pk is "row", and no row of it is updated; allowed: content');
  }
  const ignoredKey = table.ignore.find((column) => key.includes(column.toLowerCase()));
  if (ignoredKey !== undefined)
    report(
      'ignore',
      `names ${JSON.stringify(ignoredKey)}, which is in pk; allowed: columns outside of the key`,
    );
  if (table.update_when === 'timestamp' && (table.date_field ?? '') === '') {
    report('update_when', '"timestamp" needs a date_field to compare');
  }
  return problems;
}

/** A table whose files only ever gain rows has no key, and nothing to compare. */
function checkGrowing(table: ReadableTable, at: KeyPath): Problem[] {
  const needless = [
    ...(table.pk === undefined ? [] : ['pk']),
    ...(table.duplicates === undefined ? [] : ['duplicates']),
    ...(table.ignore.length === 0 ? [] : ['ignore']),
    ...(table.update_when === undefined ? [] : ['update_when']),
    ...(table.bronze === undefined ? [] : ['bronze']),
  ];
  const problems = needless.map((key): Problem => ({
    path: [...at, key],
    message: 'does not go with "mode": "append", where rows are inserted and never compared; allowed: none',
  }));
  if (table.file?.includes('{date}') !== true) return problems;
  const message =
    'has {date}, which makes each file a snapshot of the whole table; allowed with "mode": "append": "*" in its place';
  return [...problems, { path: [...at, 'file'], message }];
}

function isWithin(inner: string, outer: string): boolean {
  const way = relative(outer, inner);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function isUnder(inner: string, outer: string): boolean {
  return withEndSlash(inner).startsWith(withEndSlash(outer));
}

function withEndSlash(uri: string): string {
  return `${uri.replace(/\/+$/, '')}/`;
}
