import { type Cell, convert, type ModelType } from './values.ts';

/** A plain table in memory: what the source holds, and what the lake must have published of it. */
export interface ModelColumn {
  readonly name: string;
  readonly type: ModelType;
}

export type ModelRow = ReadonlyMap<string, Cell>;

/** A state of the source's file. */
export interface ModelFile {
  readonly columns: readonly ModelColumn[];
  readonly rows: readonly ModelRow[];
}

export interface ModelRules {
  readonly key: readonly string[];
  readonly ignore: readonly string[];
  /** Only a row whose value here is later, or was null, is an update. */
  readonly laterIn: string | undefined;
  readonly maxDeleteRatio: number;
  /** Whether a file names its columns: else one that no row has is null, and not gone. */
  readonly hasHeader: boolean;
}

export interface ModelTable {
  readonly schema: readonly ModelColumn[];
  readonly dropped: ReadonlySet<string>;
  readonly key: readonly string[];
  readonly rows: ReadonlyMap<string, ModelRow>;
}

export interface ModelChange {
  readonly operation: 'I' | 'U' | 'D';
  readonly row: ModelRow;
}

export interface Expected {
  readonly table: ModelTable;
  readonly changes: ReadonlyMap<string, ModelChange>;
  readonly counts: { inserted: number; updated: number; deleted: number; unchanged: number };
  /** The guards that must hold the table until it is approved. */
  readonly guards: readonly string[];
}

export function keyOf(row: ModelRow, key: readonly string[]): string {
  return JSON.stringify(key.map((name) => row.get(name) ?? null));
}

/** What a full-load leaves. */
export function load(file: ModelFile, rules: ModelRules): ModelTable {
  const rows = new Map(file.rows.map((row) => [keyOf(row, rules.key), row]));
  return { schema: file.columns, dropped: new Set(), key: rules.key, rows };
}

/** What a run must do with a file, by the rules as the design states them. */
export function next(table: ModelTable, file: ModelFile, rules: ModelRules): Expected {
  const fileType = (name: string): ModelType | undefined =>
    file.columns.find((column) => column.name === name)?.type;
  const guards = new Set<string>();
  if (rules.key.join('\0') !== table.key.join('\0')) guards.add('changed-key');
  const dropped = new Set<string>();
  const retyped = new Set<string>();
  const kept = table.schema.map(({ name, type }): ModelColumn => {
    const found = fileType(name);
    if (found === undefined) {
      if (!rules.hasHeader) return { name, type };
      if (!table.dropped.has(name)) guards.add('dropped-column');
      dropped.add(name);
      return { name, type };
    }
    if (found !== type && found === 'text') {
      guards.add('type-change');
      retyped.add(name);
    }
    return { name, type: found };
  });
  const added = file.columns.filter(({ name }) => !table.schema.some((column) => column.name === name));
  const schema = [...kept, ...added];

  const before = new Map<string, ModelRow>();
  for (const row of table.rows.values()) {
    const converted = new Map(
      schema.map(({ name, type }) => {
        const recorded = table.schema.find((column) => column.name === name);
        return [name, recorded === undefined ? null : convert(row.get(name) ?? null, recorded.type, type)];
      }),
    );
    before.set(keyOf(converted, rules.key), converted);
  }
  const after = new Map<string, ModelRow>();
  const changes = new Map<string, ModelChange>();
  for (const fileRow of file.rows) {
    const row = new Map(schema.map(({ name }) => [name, fileRow.get(name) ?? null]));
    const key = keyOf(row, rules.key);
    const old = before.get(key);
    if (old === undefined) changes.set(key, { operation: 'I', row });
    else if (hasValueIn(old, retyped) || isUpdate(old, row, schema, rules))
      changes.set(key, { operation: 'U', row });
    after.set(key, changes.get(key)?.row ?? old ?? row);
  }
  for (const [key, row] of before) if (!after.has(key)) changes.set(key, { operation: 'D', row });

  const count = (operation: string): number =>
    [...changes.values()].filter((change) => change.operation === operation).length;
  const [inserted, updated, deleted] = [count('I'), count('U'), count('D')];
  if (file.rows.length === 0 && before.size > 0) guards.add('empty-table');
  else if (before.size > 0 && deleted > rules.maxDeleteRatio * before.size) guards.add('mass-delete');
  return {
    table: { schema, dropped, key: rules.key, rows: after },
    changes,
    counts: { inserted, updated, deleted, unchanged: file.rows.length - inserted - updated },
    guards: [...guards],
  };
}

/** A value whose type has changed its meaning is published anew. */
function hasValueIn(row: ModelRow, columns: ReadonlySet<string>): boolean {
  return [...columns].some((name) => (row.get(name) ?? null) !== null);
}

function isUpdate(old: ModelRow, row: ModelRow, schema: readonly ModelColumn[], rules: ModelRules): boolean {
  if (rules.laterIn !== undefined) {
    const [was, is] = [old.get(rules.laterIn) ?? null, row.get(rules.laterIn) ?? null];
    return is !== null && (was === null || BigInt(is) > BigInt(was));
  }
  return schema.some(
    ({ name }) => !rules.ignore.includes(name) && (old.get(name) ?? null) !== (row.get(name) ?? null),
  );
}
