import { type Schema, sqlType } from '../core/schema.ts';
import type { Engine } from '../engine/engine.ts';
import { quoteName, quotePath } from '../engine/quote.ts';
import type { HistoryFile, TableHistory } from './history.ts';

/** A published file, on local disk. */
export interface LocalHistoryFile extends HistoryFile {
  readonly path: string;
}

/**
 * Leaves in the relation `name` what a reader gets who applies a table's full-load and then its change files, by key,
 * in order. This is the definition of the published files' meaning, and shares nothing with the comparison that made
 * them.
 */
export async function replay(
  engine: Engine,
  history: Omit<TableHistory, 'files'> & { readonly files: readonly LocalHistoryFile[] },
  name: string,
): Promise<void> {
  const [fullLoad, ...changeFiles] = history.files;
  const { schema } = history.state;
  if (fullLoad === undefined) throw new RangeError(`${history.name} has no full-load.`);
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${name} AS ${await rowsOf(engine, fullLoad.path, schema)}`);
  for (const files of bySameKey(changeFiles)) await applyFiles(engine, files, schema, name);
}

/** Change files that follow each other and are applied by the same key can be applied in one go. */
function bySameKey(files: readonly LocalHistoryFile[]): LocalHistoryFile[][] {
  const groups: LocalHistoryFile[][] = [];
  for (const file of files) {
    const group = groups.at(-1);
    if (group?.[0]?.primaryKey.join('\0') === file.primaryKey.join('\0')) group.push(file);
    else groups.push([file]);
  }
  return groups;
}

async function applyFiles(
  engine: Engine,
  files: readonly LocalHistoryFile[],
  schema: Schema,
  name: string,
): Promise<void> {
  const key = files[0]?.primaryKey ?? [];
  const sources = await Promise.all(
    files.map(async ({ path, file }, index) => {
      const operation = quoteName(file.cdcColumns?.operation ?? '');
      const sequence = file.cdcColumns?.sequence ?? undefined;
      return rowsOf(engine, path, schema, [
        `${operation} AS _igarape_operation`,
        `${index} AS _igarape_file`,
        // Without a sequence a key is in a file once, so that any order is right.
        `${sequence === undefined ? 0 : quoteName(sequence)} AS _igarape_row`,
      ]);
    }),
  );
  const keyList = key.map(quoteName).join(', ');
  const sameKey = key.map((column) => `c.${quoteName(column)} = t.${quoteName(column)}`).join(' AND ');
  const columns = schema.map((column) => quoteName(column.name)).join(', ');
  await engine.run(`CREATE OR REPLACE TEMP TABLE igarape_last_changes AS
    SELECT * FROM (${sources.join(' UNION ALL ')})
    QUALIFY row_number() OVER (PARTITION BY ${keyList} ORDER BY _igarape_file DESC, _igarape_row DESC) = 1`);
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${name} AS
    SELECT ${columns} FROM ${name} t WHERE NOT EXISTS (SELECT 1 FROM igarape_last_changes c WHERE ${sameKey})
    UNION ALL SELECT ${columns} FROM igarape_last_changes WHERE _igarape_operation <> 'D'`);
}

/** SQL: a file's rows in the columns and types of `schema`. */
async function rowsOf(
  engine: Engine,
  path: string,
  schema: Schema,
  more: readonly string[] = [],
): Promise<string> {
  const source = `read_parquet(${quotePath(path)}, hive_partitioning = false)`;
  const described = await engine.rows(`DESCRIBE SELECT * FROM ${source}`);
  const present = new Set(described.map((row) => String(row['column_name'])));
  const columns = schema.map(({ name, type }) => {
    const value = present.has(name) ? quoteName(name) : 'NULL';
    return `TRY_CAST(${value} AS ${sqlType(type)}) AS ${quoteName(name)}`;
  });
  return `SELECT ${[...columns, ...more].join(', ')} FROM ${source}`;
}
