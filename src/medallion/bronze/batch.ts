import type { Schema } from '../../core/schema.ts';
import type { LayerTables } from '../layer-tables.ts';
import { changesQuery } from './changes.ts';
import type { PendingFile } from './pending.ts';

/** Published files that a bronze table applies in one commit. */
export interface BronzeBatch {
  readonly schema: Schema;
  readonly key: readonly string[];
  /** SQL: the rows of a full-load that the table is to become; undefined where it goes on from what it is. */
  readonly fullLoad: string | undefined;
  /** SQL: the changes after that, in the columns of {@link changesQuery}; undefined where there are none. */
  readonly changes: string | undefined;
  /** True where a key may be changed more than once. */
  readonly isSeveralFiles: boolean;
  /** The run of the ledger that the table is at afterwards. */
  readonly run: number;
  /** True where the table is to be made anew, whatever it holds. */
  readonly fullRefresh: boolean;
}

export async function batchOf(
  { edge: { engine, storage, workDir } }: LayerTables,
  files: readonly PendingFile[],
  { schema, fullRefresh }: Pick<BronzeBatch, 'schema' | 'fullRefresh'>,
): Promise<BronzeBatch> {
  const query = async (kind: PendingFile['file']['kind']): Promise<string | undefined> => {
    const ofKind = files.filter(({ file }) => file.kind === kind);
    return ofKind.length === 0 ? undefined : changesQuery(engine, storage, ofKind, schema, workDir);
  };
  const fullLoad = await query('full-load');
  const last = files.at(-1);
  return {
    schema,
    fullRefresh,
    key: last?.state.primaryKey ?? [],
    fullLoad,
    changes: await query('cdc'),
    isSeveralFiles: files.length > (fullLoad === undefined ? 1 : 2),
    run: last?.run ?? 0,
  };
}
