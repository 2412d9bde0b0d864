import { isKey } from '../../storage/key.ts';
import type { StoredObject } from '../../storage/port.ts';
import type { Writer } from '../files/disk.ts';
import { type DeltaType, formatSchema, parseSchema, type StructField } from '../schema/schema.ts';
import {
  checkFolders,
  fetchFiles,
  type FoundFile,
  isDataFile,
  notTaken,
  stageFound,
  storedFields,
} from '../write/found-files.ts';
import type { WriteResult } from '../write/publish.ts';
import { addOf } from '../write/stage.ts';
import { checkNoTable, commitNewTable, newTable, type TableOptions } from './create-table.ts';

export interface ConvertOptions extends Omit<TableOptions, 'partitionColumns'> {
  /** The types of the columns that the folders tell, `day=2024-01-31/…`, e.g. `{ day: 'date' }`; of all of them. */
  readonly partitionSchema?: Readonly<Record<string, DeltaType>>;
}

/**
 * Makes a folder of Parquet files a table, of these very files: none is written anew. What begins with `_` or `.` is
 * left out. The files are read once, for the bounds by which later reads pass over them.
 *
 * @throws IgarapeError DELTA_CONFLICT where there is a table already; DELTA_QUERY for files that make up no table;
 * DELTA_UNSUPPORTED for types that Delta lacks
 */
export async function convertTable(
  writer: Writer,
  { partitionSchema = {}, ...options }: ConvertOptions,
): Promise<WriteResult> {
  const { storage } = writer;
  await checkNoTable(writer);
  const found = await allFiles(writer);
  const [first] = found;
  if (first === undefined) throw notTaken(storage.uri, 'there is no Parquet file in it');
  checkFolders(storage.uri, found, Object.keys(partitionSchema));
  const partitions = Object.entries(partitionSchema).map(([name, type]): StructField => ({
    name,
    type,
    nullable: true,
    metadata: {},
  }));
  const stored = await storedFields(writer, found, partitions);
  const schema = parseSchema(formatSchema({ type: 'struct', fields: [...stored, ...partitions] }));
  const table = newTable(writer, schema, 'as files have them', {
    ...options,
    partitionColumns: partitions.map(({ name }) => name),
  });
  const staged = await stageFound(writer, table.shape, found, []);
  const files = staged.map((file, index) => ({ add: addOf(file, found[index]?.modifiedMs ?? writer.now()) }));
  return commitNewTable(writer, table, {
    files,
    operation: 'CONVERT',
    parameters: {
      numFiles: String(files.length),
      partitionedBy: JSON.stringify(table.metadata.partitionColumns),
      collectStats: 'true',
    },
    metrics: { numConvertedFiles: files.length },
  });
}

async function allFiles(writer: Writer): Promise<FoundFile[]> {
  const found: StoredObject[] = [];
  for await (const object of writer.storage.list('')) {
    if (!isDataFile(object)) continue;
    const { key } = object;
    if (!isKey(key))
      throw notTaken(
        writer.storage.uri,
        `the name of ${JSON.stringify(key)} holds a backslash, or another character that no path of a log may`,
      );
    found.push(object);
  }
  return fetchFiles(writer, found);
}
