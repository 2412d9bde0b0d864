import { sampleChanges, type SampleChange } from '../changes/sample.ts';
import type { Guard } from '../changes/guards.ts';
import { type ExitCode, worstExitCode } from '../core/errors.ts';
import type { Column } from '../core/schema.ts';
import { refuseForeignFiles } from '../lake/foreign-files.ts';
import { attemptName, changeFileKey, fullLoadKey } from '../lake/layout.ts';
import { readNewestEntry } from '../lake/ledger.ts';
import type { LedgerEntry, TableReport } from '../lake/ledger-entry.ts';
import type { TypeChange } from '../snapshot/evolve.ts';
import { comparingSpark } from './comparing-spark.ts';
import {
  type Edge,
  refuseUnknownTables,
  type RunContext,
  type RunRequest,
  sourceOf,
  worksOn,
} from './context.ts';
import { examineAll } from './examine-all.ts';
import { chooseModels } from './layers.ts';
import type { ComparedBy, TableOutcome } from './outcome.ts';
import { type LayerPlan, planLayers } from './plan-layers.ts';
import { recordedAfter } from './recorded.ts';
import { exitCodeOf, reportSource, reportTable, type RunReport, unaskedSource } from './report.ts';
import { withRunContext } from './run-context.ts';

/** What a run would do, and why. */
export interface PlanReport {
  readonly source: RunReport['source'];
  readonly tables: Readonly<Record<string, TablePlan>>;
  /** Tables of the layers by full name; left out where the configuration names no layers. */
  readonly layers?: Readonly<Record<string, LayerPlan>>;
}

/** What a run would do with a table; of one that is held, the counts are of what is held back. */
export interface TablePlan extends Omit<TableReport, 'bytes'> {
  /** The columns of its key; empty where whole rows are. */
  readonly key: readonly string[];
  readonly guards: readonly Guard[];
  readonly schema: {
    readonly added: readonly Column[];
    readonly widened: readonly TypeChange[];
    readonly retyped: readonly TypeChange[];
    readonly dropped: readonly string[];
  };
  readonly samples: readonly SampleChange[];
  /** Where the configuration has a Spark: which engine has compared the table, as it would in a run. */
  readonly comparedBy?: ComparedBy;
}

/**
 * Works out what `runOnce` would do with the same request, and leaves nothing in the lake: what Spark finds out passes
 * through a folder of staging.
 *
 * @throws IgarapeError as `runOnce` does, LAKE_NOT_EMPTY among them.
 */
export async function plan(
  request: RunRequest,
  edge: Edge,
): Promise<{ report: PlanReport; exitCode: ExitCode }> {
  return withRunContext(request, edge, async (context) => {
    refuseUnknownTables(request);
    const models = await chooseModels(context);
    const entry = await readNewestEntry(request.storage);
    if (entry === undefined && worksOn(request, 'raw')) await refuseForeignFiles(request.storage);
    await using spark = comparingSpark(request, edge, attemptName((entry?.run ?? -1) + 1, edge.newId()));
    const examined = worksOn(request, 'raw')
      ? await examineAll({ ...context, spark }, entry, (place, { name }, outcome) =>
          planTable(place, name, outcome, entry),
        )
      : undefined;
    const source =
      examined === undefined
        ? unaskedSource(request.source, entry)
        : reportSource(sourceOf(request).id, examined.version);
    const examinedTables = examined?.tables ?? [];
    const tables = Object.fromEntries(examinedTables.map(({ table, made }) => [table.name, made]));
    const hasLayers = request.config.layers.length > 0;
    const layers = hasLayers
      ? {
          layers: await planLayers(
            context,
            { newest: entry, raw: tables, recorded: recordedAfter(entry, examinedTables) },
            models,
          ),
        }
      : {};
    const isBroken = Object.values(layers.layers ?? {}).some(({ operation }) => operation === 'failed');
    return {
      report: { source, tables, ...layers },
      exitCode: worstExitCode([exitCodeOf(examinedTables.map(({ outcome }) => outcome)), isBroken ? 2 : 0]),
    };
  });
}

async function planTable(
  context: RunContext,
  name: string,
  outcome: TableOutcome,
  entry: LedgerEntry | undefined,
): Promise<TablePlan> {
  const { bytes: _, held, ...report } = reportTable(outcome);
  const change = outcome.kind === 'examined' || outcome.kind === 'held' ? outcome.schemaChange : undefined;
  const schema = {
    added: change?.added ?? [],
    widened: change?.widened ?? [],
    retyped: change?.retyped ?? [],
    dropped: change?.dropped ?? [],
  };
  const samples = await samplesOf(context, outcome);
  const key = context.request.config.tables.find((table) => table.name === name)?.key ?? [];
  return {
    ...report,
    ...held?.counts,
    key,
    file: plannedFile(context, name, outcome, entry),
    guards: held?.guards ?? [],
    schema,
    samples,
  };
}

async function samplesOf({ engine }: RunContext, outcome: TableOutcome): Promise<readonly SampleChange[]> {
  if (outcome.kind === 'held') return outcome.samples;
  if (outcome.kind !== 'examined' || outcome.compared === undefined) return [];
  return sampleChanges(engine, outcome.compared.change, outcome.compared.key);
}

/** The name that the file gets, or a later second's where that one is taken by then. */
function plannedFile(
  { request, edge }: RunContext,
  table: string,
  outcome: TableOutcome,
  entry: LedgerEntry | undefined,
): string | null {
  if (outcome.kind !== 'examined' || outcome.operation === 'unchanged') return null;
  const { layout } = request.config;
  const now = new Date(edge.clock());
  if (outcome.operation === 'cdc') return changeFileKey(layout, table, now);
  return fullLoadKey(layout, table, entry?.tables[table] === undefined ? undefined : now);
}
