import { quoteName, quoteText } from '../../engine/quote.ts';
import type { SqlField, SqlType } from '../schema/sql-type.ts';

/**
 * The SQL of an action of a checkpoint as the line that it would be in a commit; null where a row has no such action. An
 * add has its path first.
 */
export function actionLine(action: string, type: SqlType): string {
  const column = quoteName(action);
  if (type.kind !== 'struct') throw new RangeError(`the column ${action} is no struct`);
  const fields = type.fields.filter(({ name }) => !PARSED.has(name)).map((field) => member(column, field));
  if (action === 'add') fields.push(...parsedStatistics(column, type.fields));
  const path = fields.findIndex(({ name }) => name === 'path');
  const ordered = path < 0 ? fields : [...fields.splice(path, 1), ...fields];
  const packed = ordered.map(({ name, sql }) => `${quoteName(name)} := ${sql}`).join(', ');
  const line = `${quoteText(`{"${action}":`)} || CAST(to_json(struct_pack(${packed})) AS VARCHAR) || '}'`;
  return `CASE WHEN ${column} IS NOT NULL THEN ${line} END`;
}

/** The type of adds without what they may lack and none of them has: their lines are shorter. @param empty As `add.tags` */
export function withoutEmpty(adds: SqlType, empty: ReadonlySet<string>): SqlType {
  if (adds.kind !== 'struct') return adds;
  const fields = adds.fields.filter(({ name }) => !OPTIONAL.has(name) || !empty.has(`add.${name}`));
  return { ...adds, fields };
}

const OPTIONAL = new Set([
  'tags',
  'deletionVector',
  'baseRowId',
  'defaultRowCommitVersion',
  'clusteringProvider',
  'stats',
  'stats_parsed',
]);

/** Copies of other fields in the table's own types. */
const PARSED = new Set(['stats', 'stats_parsed', 'partitionValues_parsed']);

interface Member {
  readonly name: string;
  readonly sql: string;
}

function member(column: string, { name }: SqlField): Member {
  return { name, sql: `${column}.${quoteName(name)}` };
}

/** Statistics are text, or typed; where there are only typed ones, text is made of them. */
function parsedStatistics(column: string, fields: readonly SqlField[]): Member[] {
  const names = new Set(fields.map(({ name }) => name));
  const texts = [
    ...(names.has('stats') ? [`${column}.stats`] : []),
    ...(names.has('stats_parsed') ? [`CAST(to_json(${column}.stats_parsed) AS VARCHAR)`] : []),
  ];
  return texts.length === 0 ? [] : [{ name: 'stats', sql: `coalesce(${texts.join(', ')})` }];
}

/** SQL: whether a row is an add without a deletion vector whose path is one line; never null. */
export function isPlainAdd(type: SqlType): string {
  const hasVectors = type.kind === 'struct' && type.fields.some(({ name }) => name === 'deletionVector');
  return `coalesce(add.path <> '' AND NOT contains(add.path, chr(10))${hasVectors ? ' AND add.deletionVector IS NULL' : ''}, false)`;
}

/** SQL: the JSON of an add's partition values; equal texts are equal values. */
export const PARTITION_TEXT = `coalesce(CAST(to_json(add."partitionValues") AS VARCHAR), '{}')`;
