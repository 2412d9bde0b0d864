import { IgarapeError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { fullName, type LayerTable } from '../layer.ts';

const MOST_ATTEMPTS = 3;

/** Does work again, which looks at the table anew, where somebody else has committed to the table first. */
export async function retried<T>(log: Logger, table: LayerTable, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isConflict = error instanceof IgarapeError && error.code === 'DELTA_CONFLICT';
      if (!isConflict || attempt === MOST_ATTEMPTS) throw error;
      log.info({ table: fullName(table), attempt }, error.message);
    }
  }
}
