/** The logger that every stage takes: a message for people and fields for programs. Never pass it a secret. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * How far a run has come: of downloads and uploads in bytes, of reading in percent of a statement, of `table` and `layer`
 * how many of all were done before this one; `look`, `write` and `commit` only say that they begin.
 */
export interface Progress {
  readonly step: 'look' | 'table' | 'download' | 'read' | 'write' | 'upload' | 'commit' | 'layer' | 'spark';
  readonly table?: string;
  readonly done: number;
  readonly total?: number;
}

export type ProgressListener = (progress: Progress) => void;
