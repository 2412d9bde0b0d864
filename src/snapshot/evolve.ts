import { byName, type Column, type ColumnType, type Schema, widen } from '../core/schema.ts';

/** How a table's file differs from the schema that the ledger records. */
export interface SchemaChange {
  /** The schema from now on: recorded columns in their order, then new ones. */
  readonly schema: Schema;
  readonly added: readonly Column[];
  readonly widened: readonly TypeChange[];
  /** Type changes that lose the meaning of a value, recorded or new: only by approval. */
  readonly retyped: readonly TypeChange[];
  /** Columns that the file no longer has: only by approval. */
  readonly dropped: readonly string[];
}

export interface TypeChange {
  readonly name: string;
  readonly from: ColumnType;
  readonly to: ColumnType;
  /** A value that the recorded type does not hold, where one was found. */
  readonly sample?: string;
}

/** A column's type as a file has it, perhaps with a value that asks for it. */
type FoundColumn = Column & { readonly sample?: string };

/**
 * The schema after a file with the columns `names` is taken in. `found` holds types for new columns, and for recorded
 * ones whose type does not hold the file's values; `declared` the types that the user asks for. A dropped column stays in the schema, null from then on, so that
 * what was published keeps its meaning; it takes up its values again when it comes back.
 * A column that is open, for it has held no value, takes any type.
 */
export function evolveSchema(
  recorded: Schema,
  names: readonly string[],
  found: readonly FoundColumn[],
  key: readonly string[],
  declared: Readonly<Record<string, ColumnType>>,
): SchemaChange {
  const inFile = byName(names.map((name) => ({ name })));
  const foundColumn = byName(found);
  const recordedColumn = byName(recorded);
  const widened: TypeChange[] = [];
  const retyped: TypeChange[] = [];
  const dropped: string[] = [];
  const kept = recorded.map((column): Column => {
    const { name, open } = column;
    const same: Column = { name, type: column.type, ...(open === undefined ? {} : { open }) };
    if (inFile(name) === undefined) {
      if (column.dropped === undefined) dropped.push(name);
      return { ...same, dropped: true };
    }
    const foundAs = foundColumn(name);
    const type = declared[name] ?? foundAs?.type;
    if (type === undefined || (declared[name] === undefined && foundAs?.open === true)) return same;
    if (type === column.type) return { name, type };
    const widest = key.includes(name) ? undefined : widen(column.type, type);
    const wider = open === true ? type : name in declared && widest !== type ? undefined : widest;
    const sample = foundAs?.sample;
    const change = { name, from: column.type, ...(sample === undefined ? {} : { sample }) };
    if (wider === undefined) retyped.push({ ...change, to: type });
    else if (wider !== column.type) widened.push({ ...change, to: wider });
    return { name, type: wider ?? type };
  });
  const added = names
    .filter((name) => recordedColumn(name) === undefined)
    .map((name): Column => {
      const given = declared[name];
      if (given !== undefined) return { name, type: given };
      const { type = 'text', open } = foundColumn(name) ?? {};
      return { name, type, ...(open === undefined ? {} : { open }) };
    });
  return { schema: [...kept, ...added], added, widened, retyped, dropped };
}

/** True where the schema is the recorded one, to the letter. */
export function isSameSchema(change: SchemaChange, recorded: Schema): boolean {
  return (
    change.added.length + change.widened.length + change.retyped.length + change.dropped.length === 0 &&
    recorded.every(({ dropped, open }, index) => {
      const column = change.schema[index];
      return column?.dropped === dropped && column?.open === open;
    })
  );
}
