import { BASE } from '../changes/base.ts';
import type { ChangeFileRequest } from '../changes/change-file.ts';
import { changesIn, changesInOrder, numberedChanges, takeChanges } from '../changes/changes-there.ts';
import { OPERATION } from '../changes/compare.ts';
import { refuseKeyless } from '../changes/key.ts';
import { changedRows, columnsOf } from '../changes/next-base.ts';
import { firstChanges } from '../changes/sample.ts';
import type { Pairing } from '../changes/suspects-there.ts';
import type { TableConfig } from '../config/config.ts';
import type { Told } from '../core/language/sentence.ts';
import type { TableState } from '../lake/ledger-entry.ts';
import type { RowsThere } from '../lake/stage.ts';
import type { SchemaChange } from '../snapshot/evolve.ts';
import { NO_HASHES } from '../snapshot/hashes.ts';
import { POSITION } from '../spark/cluster.ts';
import { sparkName } from '../spark/dialect/quote.ts';
import type { OnSpark, Readable, Rendered } from '../spark/on-spark.ts';
import { showBase, writtenBase } from './base-on-spark.ts';
import { type Compared, rules } from './compare-table.ts';
import { brokenTexts, openOnSpark } from './comparing-spark.ts';
import type { ComparingSpark, RunContext } from './context.ts';

/** A table whose rows that differ Spark has found. */
export interface Paired extends Pairing {
  readonly table: TableConfig;
  readonly state: TableState;
  readonly change: SchemaChange;
}

const PAIRS = 'igarape_pairs';
const CHANGED = 'igarape_changed';
const SORTED = 'igarape_sorted';

export type ChangedThere =
  | ({ readonly kind: 'changed' } & Compared)
  /** DuckDB is to compare the table: why, for users. */
  | { readonly kind: 'refused'; readonly reason: Told };

/** The pairs, their sums, some of the rows; the changes in order and numbered, and their files; the base, and its files. */
export const STATEMENTS_THERE = 8;

/**
 * As `takePairs` and `compareFound`, of more rows than this machine wants to hold: Spark counts the changes, and writes them
 * as a change file in parts, and the next base, which has no hashes. Of the rows some samples come here.
 *
 * @param pairs What Spark has computed of `pairsOf`: it stays for as long as the run goes on.
 */
export async function changedThere(
  context: RunContext,
  comparing: ComparingSpark,
  spark: OnSpark,
  pairs: Readable,
  paired: Paired,
): Promise<ChangedThere> {
  const { table, state, change, raw, schema, key } = paired;
  const changed = await showChanges(spark, pairs, paired);
  const found = await spark.summary(changed, sumsOf(paired));
  const count = (name: string): number => Number(found[name]);
  if (count('broken') > 0) return { kind: 'refused', reason: 'a text in it is not UTF-8' };
  refuseKeyless(count('keyless'), table.name, table.key);
  const [inserted, updated, deleted] = [count('inserted'), count('updated'), count('deleted')];
  if (count('rows') !== count('keys') || raw.rows - inserted !== state.base.rows - deleted)
    return { kind: 'refused', reason: 'its keys, or the hashes of these, are not unique' };
  const changes = inserted + updated + deleted;
  if (changes > 0) {
    const samples = renderedOf(await spark.render(firstChanges(key, CHANGED)));
    await takeChanges(context.engine, schema, (await spark.fetch(await spark.compute(samples))).sql);
  }
  return {
    kind: 'changed',
    change,
    counts: { inserted, updated, deleted, unchanged: raw.rows - inserted - updated },
    changedRows: changes,
    rows: raw.rows,
    hashVersion: NO_HASHES,
    fullPath: undefined,
    isBaseWhole: false,
    writeChanges: (request) => writeChanges(context, comparing, pairs, paired, request),
    rewrittenBase: () =>
      writtenBase(
        context,
        comparing,
        { name: table.name, schema, rows: raw.rows, hashVersion: NO_HASHES },
        async (place) => {
          await showBase(context, place, state);
          await showChanges(place, pairs, paired);
          return place.render(changedRows(columnsOf(schema), key, BASE, CHANGED));
        },
      ),
  };
}

/** Lets {@link CHANGED} stand for the changes. */
async function showChanges(spark: OnSpark, pairs: Readable, paired: Paired): Promise<Rendered> {
  const { table, change } = paired;
  await spark.show(PAIRS, pairs);
  const refused = await spark.define(CHANGED, changesIn(paired, rules(table, change).update, PAIRS));
  return renderedOf(refused ?? (await spark.render(`FROM ${CHANGED}`)));
}

function renderedOf(rendered: Awaited<ReturnType<OnSpark['render']>>): Rendered {
  if (rendered.kind === 'rendered') return rendered;
  const what = rendered.refusals.map((refusal) => refusal.what).join(', ');
  throw new RangeError(`Spark has no equal for ${what}, with which it had found the rows.`);
}

/** Spark SQL: what {@link changedThere} asks of all changes. */
function sumsOf({ schema, key }: Paired): string[] {
  const of = (operation: string): string => `count_if(${OPERATION} = '${operation}')`;
  const keys = key.map((name) => `CASE WHEN ${OPERATION} <> 'D' THEN ${sparkName(name)} END`);
  const keyless = key.map((name) => `${sparkName(name)} IS NULL`).join(' OR ');
  return [
    `${of('I')} AS inserted, ${of('U')} AS updated, ${of('D')} AS deleted`,
    `count_if(${OPERATION} <> 'D') AS rows, count(DISTINCT ${keys.join(', ')}) AS keys`,
    `count_if(${OPERATION} = 'I' AND (${keyless})) AS keyless`,
    `${brokenTexts(schema)} AS broken`,
  ];
}

/** Two statements for the rows: once they lie in order, the place of each is its number. */
async function writeChanges(
  context: RunContext,
  comparing: ComparingSpark,
  pairs: Readable,
  paired: Paired,
  request: ChangeFileRequest,
): Promise<RowsThere> {
  const { staging } = comparing;
  await using spark = openOnSpark(context, comparing, paired.schema, staging);
  await showChanges(spark, pairs, paired);
  const sorted = await spark.compute(renderedOf(await spark.render(changesInOrder(paired, CHANGED))));
  const columns = [
    ...sorted.columns,
    { name: POSITION.file, type: 'VARCHAR' },
    { name: POSITION.row, type: 'BIGINT' },
  ];
  await spark.show(SORTED, { from: { ...sorted.from, hasPositions: true }, columns });
  const numbered = renderedOf(await spark.render(numberedChanges(request, SORTED, POSITION)));
  const { folder, rows, parts } = await spark.written(await spark.compute(numbered, request.compression));
  spark.keep(parts.map(({ name }) => `${folder}/${name}`));
  const { storage } = context.request;
  return { key: `${staging.uri.slice(storage.uri.length + 1)}/${folder}`, rows, parts };
}
