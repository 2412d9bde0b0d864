import { asIgarapeError, type ErrorCode, type ExitCode } from '../../core/errors.ts';

/** One thing that a run needs, looked at. */
export interface Check {
  readonly name: CheckName;
  readonly ok: boolean;
  /** What was found, or what is wrong. Holds no secret. */
  readonly found: string;
  /** What to do about it; of a good check, what to know. */
  readonly hint: string | null;
  /** Of what is wrong; null where it is good. */
  readonly code: ErrorCode | null;
  /** What a run would end with because of it; 0 where it is good. */
  readonly exitCode: ExitCode;
}

export type CheckName =
  | 'configuration'
  | 'node'
  | 'work folder'
  | 'credentials'
  | 'source'
  | 'lake access'
  | 'conditional create'
  | 'lake rights'
  | 'clock'
  | 'ledger'
  | 'spark'
  | 'lake from spark'
  | 'tables';

export interface Finding {
  readonly found: string;
  readonly hint?: string;
}

/** Looks at one thing: it is good unless `look` throws. */
export async function check(name: CheckName, look: () => Promise<Finding> | Finding): Promise<Check> {
  try {
    const { found, hint } = await look();
    return { name, ok: true, found, hint: hint ?? null, code: null, exitCode: 0 };
  } catch (thrown) {
    const { message, hint, code, exitCode } = asIgarapeError(thrown);
    return { name, ok: false, found: message, hint: hint ?? null, code, exitCode };
  }
}
