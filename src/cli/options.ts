import type { Language } from './language.ts';
import type { Session } from './session.ts';

/** The options that every command takes, before its name or after it, and what the parts of this call share. */
export interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
  /** Nothing is hidden, cut or broken for the terminal's width. */
  readonly wide?: boolean;
  /** Nothing is printed where nothing is wrong. */
  readonly quiet?: boolean;
  readonly lang?: Language;
  readonly logLevel: LogLevel;
  readonly color: boolean;
  /** Values of the models' variables, by name. */
  readonly var?: Readonly<Record<string, string>>;
  readonly session: Session;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
