import { countRows } from '../../engine/count-rows.ts';
import { IgarapeError } from '../../core/errors.ts';
import { READ_NOTHING, type ReadSet, readEverything } from '../log/conflict.ts';
import type { Snapshot } from '../log/snapshot.ts';
import { queryError } from '../read/query-error.ts';
import { scanFiles } from '../read/scan.ts';
import {
  type DeltaType,
  findField,
  givenSchema,
  type StructField,
  type StructType,
} from '../schema/schema.ts';
import type { JsonObject } from '../protocol/json.ts';
import { checkNoMadeValues } from '../write/made-values.ts';
import { nothingDone, publish, type WriteResult } from '../write/publish.ts';
import { refused } from '../write/row-source.ts';
import { rowRules } from '../write/row-rules.ts';
import { changedTable, type WantedTable } from '../write/table-change.ts';
import { checkTarget } from '../write/target.ts';
import { CONSTRAINT } from '../write/table-properties.ts';
import type { Writer } from '../files/disk.ts';

/** A column to be added; its rows are null until it is written to. */
export interface NewColumn {
  readonly name: string;
  readonly type: DeltaType;
  readonly metadata?: JsonObject;
}

/**
 * Gives the table further columns, at its end. No file is written.
 *
 * @throws IgarapeError DELTA_QUERY where there is a column of that name; DELTA_UNSUPPORTED, DELTA_CONFLICT
 */
export async function addColumns(
  writer: Writer,
  snapshot: Snapshot,
  columns: readonly NewColumn[],
): Promise<WriteResult> {
  const added = columns.map(({ name, type, metadata = {} }): StructField => {
    if (findField(snapshot.schema, name) !== undefined)
      throw refused(`the table has a column ${name} already`);
    return { name, type, nullable: true, metadata };
  });
  const schema: StructType = { type: 'struct', fields: [...snapshot.schema.fields, ...added] };
  checkNoMadeValues(snapshot.table, { type: 'struct', fields: added });
  return alter(writer, snapshot, {
    // What a program gives may be no type at all.
    wanted: { schema: givenSchema(schema), keepsRows: true, upgrade: 'any' },
    operation: 'ADD COLUMNS',
    parameters: {
      columns: JSON.stringify(added.map((field) => ({ column: field }))),
    },
    reads: READ_NOTHING,
  });
}

/**
 * Sets table properties; the others stay. Constraints are added by {@link addConstraint}, which looks at the rows.
 *
 * @throws IgarapeError DELTA_UNSUPPORTED for a property of Delta's that is not known here; DELTA_CONFLICT
 */
export async function setProperties(
  writer: Writer,
  snapshot: Snapshot,
  properties: Readonly<Record<string, string>>,
): Promise<WriteResult> {
  return alter(writer, snapshot, {
    wanted: { configuration: properties, keepsRows: true, upgrade: 'any' },
    operation: 'SET TBLPROPERTIES',
    parameters: { properties: JSON.stringify(properties) },
    reads: READ_NOTHING,
  });
}

/**
 * Adds a CHECK constraint, a condition in SQL that holds for every row of the table.
 *
 * @throws IgarapeError DELTA_CONSTRAINT where a row does not meet it; DELTA_QUERY where there is another of that name;
 * DELTA_UNSUPPORTED where Spark might take it otherwise; DELTA_CONFLICT
 */
export async function addConstraint(
  writer: Writer,
  snapshot: Snapshot,
  name: string,
  condition: string,
): Promise<WriteResult> {
  const property = `${CONSTRAINT}${name.toLowerCase()}`;
  const known = Object.keys(snapshot.configuration).find((one) => one.toLowerCase() === property);
  if (known !== undefined) throw refused(`the table has a constraint ${name} already`);
  await checkRows(writer, snapshot, { property, name, condition });
  return alter(writer, snapshot, {
    wanted: { configuration: { [property]: condition }, keepsRows: false, upgrade: 'any' },
    operation: 'ADD CONSTRAINT',
    parameters: { name, expr: condition },
    reads: readEverything(snapshot),
  });
}

async function checkRows(
  writer: Writer,
  snapshot: Snapshot,
  { property, name, condition }: { property: string; name: string; condition: string },
): Promise<void> {
  const metadata = { ...snapshot.metadata, configuration: { [property]: condition } };
  const rules = await rowRules(writer.engine, snapshot.table, metadata);
  const rule = rules.find((one) => one.name === `the constraint ${name.toLowerCase()} (${condition})`);
  if (rule === undefined) throw new RangeError(`The constraint ${name} gave no rule.`);
  const rows = await scanFiles(writer, snapshot, await snapshot.files());
  try {
    const broken = await countRows(
      writer.engine,
      `(${rows.sql}) WHERE CASE WHEN ${rule.sql} THEN false ELSE true END`,
    ).catch((error: unknown) => {
      throw queryError(error, snapshot.table, condition);
    });
    if (broken === 0) return;
    throw new IgarapeError(
      'DELTA_CONSTRAINT',
      `${snapshot.table}: ${broken} of its rows do not meet the constraint ${name} (${condition})`,
      { hint: 'Nothing was changed. Correct these rows first.' },
    );
  } finally {
    await rows.release();
  }
}

interface Alteration {
  readonly wanted: WantedTable;
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly reads: ReadSet;
}

/** Commits another metadata of a table, where it is another. */
export async function alter(
  writer: Writer,
  snapshot: Snapshot,
  { wanted, operation, parameters, reads }: Alteration,
): Promise<WriteResult> {
  checkTarget(snapshot);
  const { after, actions } = changedTable(snapshot, wanted);
  if (actions.length === 0) return nothingDone(snapshot);
  return publish(
    writer,
    {
      base: snapshot,
      actions,
      operation,
      parameters,
      metrics: {},
      reads,
      isolation: 'Serializable',
      isBlindAppend: false,
    },
    [],
    after.configuration,
  );
}
