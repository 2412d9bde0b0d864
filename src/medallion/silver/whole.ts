import { HelperTables } from '../../delta/relation.ts';
import { schemaOf } from '../../delta/row-source.ts';
import type { StructType } from '../../delta/schema.ts';
import type { Snapshot } from '../../delta/snapshot.ts';
import { sqlTypeOf } from '../../delta/sql-schema.ts';
import { quoteName } from '../../engine/quote.ts';
import { parseSql } from '../../engine/sql-tree.ts';
import { fullName } from '../layer.ts';
import type { LayerTables } from '../layer-tables.ts';
import type { Model } from '../models/model.ts';
import type { LayerReport } from '../report.ts';
import { SourceViews } from '../source-views.ts';
import { check } from './checked.ts';
import { haveSameColumns } from './columns-alike.ts';
import { checkKeys, keyColumns } from './keys.ts';
import { GONE, mergeRows } from './merge-rows.ts';
import { asModel } from './model-error.ts';
import { appliedVersions, madeOf } from './notes.ts';
import { because, held, mergeReport } from './reports.ts';
import { hiddenColumns } from './shape.ts';
import type { Source } from './sources.ts';

/** What a table is made by as a whole. */
export interface WholeInput {
  readonly model: Model;
  /** The table as it is; undefined where there is none yet. */
  readonly target: Snapshot | undefined;
  readonly sources: readonly Source[];
  /** Why it is made anew; undefined where it is made for the first time. */
  readonly reason: string | undefined;
}

/** Computes all rows of a table, and commits them in one commit. */
export async function makeWhole(tables: LayerTables, input: WholeInput): Promise<LayerReport> {
  const { model, sources } = input;
  const { engine } = tables.edge;
  const parsed = await parseSql(engine, model.sql);
  const without = parsed.kind === 'parsed' ? hiddenColumns(parsed.tree) : [];
  const views = new SourceViews(tables);
  const helpers = new HelperTables(engine);
  try {
    for (const { table, wanted } of sources) await views.open(table, { at: wanted.version, without });
    return await asModel(model, () => makeFrom(tables, input, helpers));
  } finally {
    await helpers.drop();
    await views.release();
  }
}

async function makeFrom(
  tables: LayerTables,
  { model, target, sources, reason }: WholeInput,
  helpers: HelperTables,
): Promise<LayerReport> {
  const { engine } = tables.edge;
  await engine.describe(model.sql);
  const schema = await schemaOf(engine, model.sql);
  const key = keyColumns(
    model,
    schema.fields.map(({ name }) => name),
  );
  const kept = await checkKeys(engine, model.sql, key, helpers);
  if (kept.kind === 'broken') return held(target?.version ?? null, kept.reason);
  const rows = kept.isSet ? `SELECT * FROM (${model.sql})` : `SELECT DISTINCT * FROM (${model.sql})`;
  const checked = await check(tables, model, { all: rows }, sources);
  if (checked.isHeld) return held(target?.version ?? null, checked.reason ?? '');
  const made = { ...appliedVersions(sources), configuration: madeOf(model, sources) };
  if (target === undefined) {
    const { description } = model.header;
    const options = { name: fullName(model), ...(description === undefined ? {} : { description }) };
    const delta = await tables.create(model, { rows, ...options, ...made });
    const { version, rows: inserted } = await delta.describe();
    return {
      operation: 'created',
      inserted: inserted ?? 0,
      updated: 0,
      deleted: 0,
      version,
      ...because([checked.reason]),
    };
  }
  const delta = await tables.require(model);
  const options = { ...made, ifVersion: target.version };
  if (haveSameColumns(schema, target.schema)) {
    const changes = await differences(tables, model, { rows, schema, key, target }, helpers);
    if (changes !== undefined)
      return mergeReport('rebuilt', await mergeRows(delta, changes, key, options), reason, checked.reason);
  }
  const { rows: deleted } = await delta.describe(target.version);
  const { version, metrics } = await delta.overwrite(rows, { overwriteSchema: true, ...options });
  return {
    operation: 'rebuilt',
    inserted: metrics['numOutputRows'] ?? 0,
    updated: 0,
    deleted: deleted ?? 0,
    version,
    ...because([reason, checked.reason]),
  };
}

interface Compared {
  readonly rows: string;
  readonly schema: StructType;
  readonly key: readonly string[];
  readonly target: Snapshot;
}

/**
 * A SELECT of what is other in new rows than in a table, for {@link mergeRows}; undefined where that is most of it, so
 * that it is quicker to write all.
 */
async function differences(
  tables: LayerTables,
  model: Model,
  { rows, schema, key, target }: Compared,
  helpers: HelperTables,
): Promise<string | undefined> {
  const delta = await tables.require(model);
  await using before = await delta.read({ at: target.version });
  const names = schema.fields.map(({ name }) => quoteName(name));
  const typed = schema.fields.map(
    ({ name, type }) => `CAST(${quoteName(name)} AS ${sqlTypeOf(type)}) AS ${quoteName(name)}`,
  );
  const keyNames = new Set(key.map(quoteName));
  const values = names.map((name) =>
    keyNames.has(name) ? `coalesce(n.${name}, o.${name}) AS ${name}` : `n.${name} AS ${name}`,
  );
  const same = [...keyNames].map((name) => `n.${name} = o.${name}`).join(' AND ');
  const [first = ''] = keyNames;
  const differs = names.map((name) => `n.${name} IS DISTINCT FROM o.${name}`).join(' OR ');
  const table = await helpers.createAs(
    `SELECT ${values.join(', ')}, n.${first} IS NULL AS ${GONE}
     FROM (SELECT ${typed.join(', ')} FROM (${rows})) AS n FULL JOIN (${before.sql}) AS o ON ${same} WHERE ${differs}`,
  );
  const [row] = await tables.edge.engine.rows(
    `SELECT count(*) FILTER (NOT ${GONE}) AS written, count(*) AS changed FROM ${table}`,
  );
  const [changed, written] = [Number(row?.['changed'] ?? 0), Number(row?.['written'] ?? 0)];
  const { rows: known } = await delta.describe(target.version);
  return changed > MANY_ROWS && written > (known ?? 0) / 2 ? undefined : `SELECT * FROM ${table}`;
}

/** Below so many rows it makes no difference which way is gone. */
const MANY_ROWS = 100_000;
