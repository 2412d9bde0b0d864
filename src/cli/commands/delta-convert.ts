import { IgarapeError } from '../../core/errors.ts';
import { type DeltaType, parseType } from '../../delta/schema/schema.ts';
import { convertNamedFolder } from '../named-table.ts';
import { print } from '../print.ts';
import { renderDescription } from '../render/delta.ts';
import { command, type DeltaCommand } from './delta.ts';

interface ConvertCommandOptions {
  readonly partition?: readonly string[];
}

/** `igarape delta convert PATH` */
export const convert: DeltaCommand<ConvertCommandOptions> = command(
  async (table, _options, globals) => print(await table.describe(), globals, renderDescription),
  async (path, globals, workDir, { partition = [] }) =>
    convertNamedFolder(path, globals, { workDir, partitionSchema: partitionSchema(partition) }),
);

function partitionSchema(columns: readonly string[]): Record<string, DeltaType> {
  return Object.fromEntries(
    columns.map((column) => {
      const [, name, type] = /^(.+):([^:]+)$/.exec(column) ?? [];
      if (name !== undefined && type !== undefined) return [name, parseType(type, [name])];
      throw new IgarapeError('USAGE', `${column} names no column and type`, {
        hint: 'Write --partition day:date,city:string.',
      });
    }),
  );
}
