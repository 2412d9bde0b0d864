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

/** How far a long step has come: in bytes for downloads and uploads, in percent of the statement for reading. */
export interface Progress {
  readonly step: 'download' | 'read' | 'upload';
  readonly table?: string;
  readonly done: number;
  readonly total?: number;
}

export type ProgressListener = (progress: Progress) => void;
