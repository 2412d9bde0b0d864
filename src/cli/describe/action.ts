import type { GlobalOptions } from '../options.ts';

/** What a command's module exports: it loads only when its command is given. */
export interface CommandModule {
  command(args: readonly string[], options: object, globals: GlobalOptions): Promise<number>;
}

/** What commander is to call for a command. */
export type Action = (load: () => Promise<CommandModule>) => (...call: unknown[]) => Promise<void>;
