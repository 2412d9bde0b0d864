import type { Column, ColumnType } from '../core/schema.ts';
import { readLedger } from '../lake/ledger.ts';
import type { Storage } from '../storage/port.ts';
import type { LakeReader } from './reader.ts';
import { tableNamed } from './table-files.ts';

/** What a run has changed of a table's columns. */
export interface SchemaStep {
  readonly run: number;
  /** When it was committed, ISO 8601. */
  readonly at: string;
  readonly added: readonly Column[];
  readonly retyped: readonly { readonly name: string; readonly from: ColumnType; readonly to: ColumnType }[];
  /** Columns that the source has no longer. */
  readonly dropped: readonly string[];
}

/** The columns of a table of the source over its runs, oldest first; the first step has those that it began with. */
export async function schemaHistory(reader: LakeReader, table: string): Promise<SchemaStep[]> {
  const known = await reader.runs();
  const name = tableNamed(known, table);
  return reader.kept(JSON.stringify(['schema', name, known.newest?.attempt]), undefined, () =>
    stepsOf(reader.storage, name),
  );
}

async function stepsOf(storage: Storage, name: string): Promise<SchemaStep[]> {
  const steps: SchemaStep[] = [];
  let before: readonly Column[] = [];
  for await (const { run, committedAt, tables } of readLedger(storage)) {
    const now = tables[name]?.schema ?? [];
    const known = new Map(before.map((column) => [column.name, column]));
    const step = {
      run,
      at: committedAt,
      added: now.filter((column) => !known.has(column.name)),
      retyped: now.flatMap(({ name: column, type }) => {
        const from = known.get(column)?.type ?? type;
        return from === type ? [] : [{ name: column, from, to: type }];
      }),
      dropped: [
        ...now.filter((column) => column.dropped === true && known.get(column.name)?.dropped !== true),
        ...before.filter((column) => !now.some((each) => each.name === column.name)),
      ].map((column) => column.name),
    };
    before = now;
    if (step.added.length + step.retyped.length + step.dropped.length > 0) steps.push(step);
  }
  return steps;
}
