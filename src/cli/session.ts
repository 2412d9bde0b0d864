import type { Logger } from '../core/log.ts';
import type { RunLog } from './log.ts';
import { Redactor } from './redact.ts';
import { Screen } from './screen.ts';

/** One call of the program: what its parts share. */
export class Session {
  readonly redactor: Redactor = new Redactor();
  readonly screen: Screen = new Screen(process.stderr);
  /** Set once a command has opened its project. */
  log: RunLog | undefined;
  /** The logger of the run under way. */
  logger: Logger | undefined;
}
