import { BASE, type BaseFiles, openBase } from '../changes/base.ts';
import type { TableConfig } from '../config/config.ts';
import { type ColumnType, sameName } from '../core/schema.ts';
import { quoteName } from '../engine/quote.ts';
import type { TableState } from '../lake/ledger-entry.ts';
import { findMisfits, likelyTypes } from '../snapshot/infer.ts';
import type { RawColumn, RawTable } from '../snapshot/raw-table.ts';
import type { RunContext } from './context.ts';
import { foundTypes, isDated } from './fit-types.ts';
import { dateMisfit } from './refuse-values.ts';

/**
 * Under other reading options than before, the types of columns that are text only because of how they were read: what
 * the lake has of them is text and nothing else, and what the file now has is all of one type. A column that is text
 * although its values would be the same numbers stays so.
 */
export async function newlyTyped(
  context: RunContext,
  raw: RawTable,
  table: TableConfig,
  state: TableState,
  segments: BaseFiles,
): Promise<Readonly<Record<string, ColumnType>>> {
  const { engine } = context;
  const texts = state.schema.filter(
    ({ name, type, dropped }) => type === 'text' && dropped === undefined && table.types[name] === undefined,
  );
  const inFile = raw.columns.filter(
    ({ name, typed }) => typed === undefined && texts.some((column) => sameName(column.name, name)),
  );
  if (inFile.length === 0) return {};
  const found = (await foundTypes({ context, table }, raw, inFile)).filter(({ type }) => type !== 'text');
  if (found.length === 0) return {};
  const misfits = await findMisfits(engine, { ...raw, columns: inFile }, found);
  const misdated = misfits.find(({ name }) => isDated({ table, raw }, found, name));
  if (misdated !== undefined) throw await dateMisfit(raw, table, misdated);
  await openBase(engine, segments, state.schema);
  const recorded = texts.filter(({ name }) => found.some((column) => sameName(column.name, name)));
  const before = await likelyTypes(engine, {
    name: raw.name,
    columns: recorded.map(({ name }) => plainColumn(name)),
    relation: BASE,
    explain: (error) => error,
  });
  return Object.fromEntries(
    before.flatMap(({ name, type }) => {
      const now = found.find((column) => sameName(column.name, name));
      const holdsAll = !misfits.some((column) => sameName(column.name, name));
      const isOther = now !== undefined && (type === 'text' || isRegrouped(type, now.type));
      return isOther && holdsAll ? [[name, now.type] as const] : [];
    }),
  );
}

/** `1.500` is a number either way: a fraction by itself, and an integer where `.` stands between thousands. */
function isRegrouped(plain: ColumnType, now: ColumnType): boolean {
  return now === 'bigint' && plain !== 'bigint';
}

function plainColumn(name: string): RawColumn {
  const text = quoteName(name);
  return { name, text, scalar: text, hashed: text };
}
