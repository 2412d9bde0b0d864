import { counted } from '../../core/counted.ts';
import type { Snapshot } from '../../delta/log/snapshot.ts';
import { nodesIn } from '../../engine/sql-tree.ts';
import type { Plan } from '../incremental/plan.ts';
import { schemaOf } from '../incremental/raise.ts';
import { tablesIn } from '../incremental/tree.ts';
import { isDated, type Model } from '../models/model.ts';
import type { Cost } from '../report.ts';
import { type Source, sourceName } from './sources.ts';
import type { Understood } from './understand.ts';

/** What a plan costs; undefined where a source does not know how many rows it has. */
export async function costOf(
  plan: Plan,
  { incremental: { query } }: Understood,
  sources: readonly Source[],
  changed: number,
): Promise<Cost | undefined> {
  const rows = new Map<string, number>();
  for (const { table, wanted } of sources) {
    const known = await wanted.countRows();
    if (known === undefined) return undefined;
    rows.set(sourceName(table), known);
  }
  const of = (name: unknown): number => rows.get(String(name)) ?? 0;
  let reads = 0;
  for (const step of 'steps' in plan ? plan.steps : [])
    for (const { schema, table } of tablesIn(step.query)) if (READ.has(schema)) reads += of(table);
  let whole = 0;
  for (const node of nodesIn(query))
    if (node['kind'] === 'leaf' && node['view'] === undefined) whole += of(node['source']);
  return { changed, reads, whole };
}

const READ: ReadonlySet<string> = new Set([schemaOf('then'), schemaOf('now')]);

/**
 * Why the whole is computed although changes could be followed; undefined where they are followed. Rows that are looked
 * for are read more quickly than rows that are computed, and the rows of a whole are compared with those of the table.
 */
export async function dearer(cost: Cost, model: Model, target: Snapshot): Promise<string | undefined> {
  if (isCheap(cost, model)) return undefined;
  const { changed, reads, whole } = cost;
  const worth = WORTH * (whole + COMPARED * ((await target.countRows()) ?? 0));
  if (reads <= worth) return undefined;
  return `to follow ${counted(changed)} changed rows ${counted(reads)} would be read, and ${counted(whole)} for the whole`;
}

/** True where changes are followed whatever that takes: it makes no difference, or the model wants it so; of dates those are computed that are touched. */
export function isCheap({ whole }: Cost, model: Model): boolean {
  return isDated(model) || model.header.incremental === 'required' || whole < FEW_ROWS;
}

/** Of fewer rows it makes no difference which way is gone. */
const FEW_ROWS = 100_000;
/** What was measured with a shop's models. */
const WORTH = 1.5;
const COMPARED = 2;
