import { BASE, LIVE, liveRows, overridesOf } from '../changes/base.ts';
import { segmentChanges } from '../changes/next-base.ts';
import { describedType, type Schema } from '../core/schema.ts';
import { quoteName } from '../engine/quote.ts';
import { snapshotFolder } from '../lake/layout.ts';
import type { TableState } from '../lake/ledger-entry.ts';
import { rowsBy } from '../lake/segments.ts';
import type { RowsThere } from '../lake/stage.ts';
import { KEY_HASH, NO_HASHES, ROW_HASH } from '../snapshot/hashes.ts';
import { requireAllRows } from '../snapshot/raw-table.ts';
import type { OnSpark, Readable, Rendered } from '../spark/on-spark.ts';
import { storageWithin } from '../storage/within.ts';
import { openOnSpark } from './comparing-spark.ts';
import type { ComparingSpark, RunContext } from './context.ts';
import { expected } from './files-there.ts';
import type { BaseThere } from './outcome.ts';

const OVERRIDES = 'igarape_overrides';

/** Hashes as Spark has them, which has no type of 64 bits without a sign. */
const HASHES = [KEY_HASH, ROW_HASH].map((name) => ({ name, type: 'DECIMAL(20,0)' }));

/** A table's base, as the lake has it. */
interface KnownBase {
  readonly name: string;
  readonly state: TableState;
}

/** Lets {@link BASE} stand for the rows of a base. @param changed Of a segment that is to follow. */
export async function showBase(
  { request: { storage } }: RunContext,
  spark: OnSpark,
  state: TableState,
  changed?: Readable,
): ReturnType<OnSpark['define']> {
  const by = rowsBy(state);
  const columns = [...columnsOf(state.schema), ...HASHES];
  const live = { name: LIVE, type: 'BOOLEAN' };
  const names = columns.map(({ name }) => quoteName(name)).join(', ');
  const uris = state.base.segments.map(({ key }) => `${storage.uri}/${key}`);
  const all = changed === undefined ? uris : [...uris, changed.from.uri];
  const segments: string[] = [];
  for (const [index, uri] of all.entries()) {
    const name = `igarape_segment_${index}`;
    await spark.show(name, expected([uri], index === 0 ? columns : [...columns, live]));
    segments.push(name);
  }
  const [full = '', ...later] = segments;
  const rowsOf = (name: string): string => `SELECT ${names} FROM ${name}`;
  if (later.length === 0) return spark.define(BASE, rowsOf(full));
  return (
    (await spark.define(OVERRIDES, overridesOf(later, by))) ??
    (await spark.define(BASE, liveRows(rowsOf(full), later.map(rowsOf), OVERRIDES, by)))
  );
}

function columnsOf(schema: Schema): { name: string; type: string }[] {
  return schema.map(({ name, type }) => ({ name, type: describedType(type) }));
}

/** A base that Spark writes anew with the changes that the engine holds, in parts, its hashes as they were. */
export function rewrittenBase(
  context: RunContext,
  comparing: ComparingSpark,
  { name, state }: KnownBase,
  rows: number,
): BaseThere {
  const { schema, base } = state;
  const hashes = base.hashVersion === NO_HASHES ? [] : HASHES;
  const list = (columns: readonly { name: string; type: string }[]): string =>
    columns
      .map((each) => `CAST(${quoteName(each.name)} AS ${each.type}) AS ${quoteName(each.name)}`)
      .join(', ');
  const changed = `SELECT ${list([...columnsOf(schema), ...hashes, { name: LIVE, type: 'BOOLEAN' }])}
    FROM (${segmentChanges(schema, rowsBy(state))})`;
  return writtenBase(
    context,
    comparing,
    { name, schema, rows, hashVersion: base.hashVersion },
    async (spark) => {
      await showBase(context, spark, state, await spark.upload(changed));
      return spark.render(`SELECT ${list([...columnsOf(schema), ...hashes])} FROM ${BASE}`);
    },
  );
}

/** What a base is that Spark writes. */
interface NewBase {
  readonly name: string;
  readonly schema: Schema;
  readonly rows: number;
  readonly hashVersion: string | null;
}

/** A base that Spark writes once it is asked to. @param render Gives its rows, as Spark takes them. */
export function writtenBase(
  context: RunContext,
  comparing: ComparingSpark,
  { name, schema, rows, hashVersion }: NewBase,
  render: (spark: OnSpark) => Promise<Rendered | { readonly kind: 'refused' }>,
): BaseThere {
  const { config, storage } = context.request;
  const write = async (attempt: string): Promise<RowsThere> => {
    const folder = snapshotFolder(name, attempt);
    await using spark = openOnSpark(context, comparing, schema, storageWithin(storage, folder));
    const rendered = await render(spark);
    if (rendered.kind === 'refused') throw new RangeError('What was rendered once is rendered again.');
    const written = await spark.written(await spark.compute(rendered, config.compression));
    requireAllRows({ name, rows }, written.rows);
    spark.keep(written.parts.map((part) => `${written.folder}/${part.name}`));
    return { key: `${folder}${written.folder}`, rows, parts: written.parts };
  };
  return { kind: 'there', rows, hashVersion, write };
}
