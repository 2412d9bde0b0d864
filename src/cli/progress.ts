import type { ProgressListener } from '../core/log.ts';
import type { GlobalOptions } from './options.ts';

/** Shows how far a long step has come on a terminal; elsewhere the log says when a step ends. */
export function showProgress(_globals: GlobalOptions): ProgressListener {
  return () => undefined;
}
