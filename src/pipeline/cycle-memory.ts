import type { LedgerEntry } from '../lake/ledger-entry.ts';
import { fullName, type LayerTable } from '../medallion/layer.ts';
import type { ModelHeader } from '../medallion/models/model.ts';
import { type LayerReport, NO_ROWS } from '../medallion/report.ts';

/** What a table follows from besides its sources: its rows, and what it says of itself. */
type Built = LayerTable & {
  readonly hash: string;
  readonly header?: Pick<ModelHeader, 'description' | 'columns'>;
};

type Reports = Readonly<Record<string, LayerReport>>;

/**
 * What a process that runs cycle after cycle knows of the lake, so that a cycle with nothing new reads one entry of the
 * ledger and opens no table. Of layers only a cycle that looked at every table and changed none is remembered.
 */
export class CycleMemory {
  /** The newest entry of the ledger that a cycle has begun with. */
  entry: LedgerEntry | undefined;
  #made: string | undefined;
  #own: { readonly run: number; readonly reports: Reports } | undefined;
  #models: { readonly key: string; readonly reports: Reports } | undefined;

  /** What bronze's own tables were found to be at a run of the ledger. */
  ownBronze(run: number | undefined): Reports | undefined {
    return run !== undefined && this.#own?.run === run ? this.#own.reports : undefined;
  }

  rememberOwnBronze(run: number | undefined, reports: Reports): void {
    this.#own = run !== undefined && areUnchanged(reports) ? { run, reports: settled(reports) } : undefined;
  }

  /** True where other tables than these were made before, as far as is known: then some may be left that nothing makes. */
  isOther(made: readonly LayerTable[]): boolean {
    return this.#made !== namesOf(made);
  }

  rememberMade(made: readonly LayerTable[]): void {
    this.#made = namesOf(made);
  }

  /** What models were found to be over bronze tables. */
  models(models: readonly Built[], bronze: Reports): Reports | undefined {
    return this.#models?.key === keyOf(models, bronze) ? this.#models.reports : undefined;
  }

  rememberModels(models: readonly Built[], bronze: Reports, reports: Reports): void {
    const isSettled = areUnchanged(reports) && areUnchanged(bronze);
    this.#models = isSettled ? { key: keyOf(models, bronze), reports: settled(reports) } : undefined;
  }
}

function namesOf(tables: readonly LayerTable[]): string {
  return JSON.stringify(tables.map(fullName));
}

function areUnchanged(reports: Reports): boolean {
  return Object.values(reports).every(({ operation }) => operation === 'unchanged');
}

function settled(reports: Reports): Reports {
  return Object.fromEntries(
    Object.entries(reports).map(([name, { version }]) => [
      name,
      { operation: 'unchanged', ...NO_ROWS, version },
    ]),
  );
}

function keyOf(models: readonly Built[], bronze: Reports): string {
  return JSON.stringify([
    models.map((model) => [fullName(model), model.hash, model.header?.description, model.header?.columns]),
    Object.entries(bronze).map(([name, { version }]) => [name, version]),
  ]);
}
