import { diff } from '../../explore/version-diff.ts';
import { withReader } from '../../explore/reader.ts';
import { quoteName } from '../../engine/quote.ts';
import { fullName } from '../../medallion/layer.ts';
import type { Stage } from '../../pipeline/context.ts';
import { withPreview } from '../../pipeline/preview.ts';
import { withQuery } from '../../pipeline/query.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderPreview } from '../render/preview.ts';
import { type OutputOptions, rowsOutput } from '../rows-output.ts';
import { untilStopped } from '../stop.ts';

export interface PreviewOptions extends OutputOptions {
  readonly diff?: true;
  readonly only?: readonly Stage[];
  readonly fullRefresh?: true;
}

export async function command(
  [model = '']: readonly string[],
  { diff: isDiff, only, fullRefresh, ...options }: PreviewOptions,
  globals: GlobalOptions,
): Promise<number> {
  const output = rowsOutput(options, globals);
  const project = await openProject(globals);
  const { config, storage, env } = project;
  const source = await project.openSource();
  return untilStopped(async (signal) => {
    const edge = project.edge(signal);
    const request = {
      config,
      storage,
      env,
      source,
      model,
      ...(only === undefined ? {} : { only }),
      ...(fullRefresh === undefined ? {} : { fullRefresh }),
    };
    return withPreview(request, edge, async (preview) => {
      const { table, before, after, exitCode, report, troubles } = preview;
      if (isDiff === true || after === null) {
        const name = fullName(table);
        const found =
          after === null
            ? null
            : await withReader(preview, edge, async (reader) =>
                diff(reader, { table: name, from: before, to: after, limit: options.limit ?? 100 }, signal),
              );
        print({ table: name, operation: report.operation, troubles, diff: found }, globals, renderPreview);
        return exitCode;
      }
      const sql = `SELECT * FROM ${quoteName(table.layer)}.${quoteName(table.name)}`;
      await withQuery(preview, sql, edge, (query, folder) => output.write(query, folder));
      for (const trouble of troubles) project.log.warn({}, trouble);
      return exitCode;
    });
  });
}
