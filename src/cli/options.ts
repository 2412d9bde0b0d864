import type { Session } from './session.ts';

/** The options that every command takes, before its name or after it, and what the parts of this call share. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly logLevel: LogLevel;
  readonly color: boolean;
  readonly session: Session;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
