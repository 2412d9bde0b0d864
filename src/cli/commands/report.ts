import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ensureFolder } from '../../core/ensure-folder.ts';
import { IgarapeError, systemReason } from '../../core/errors.ts';
import { withReader } from '../../explore/reader.ts';
import { makeReport } from '../../ui/report.ts';
import type { GlobalOptions } from '../options.ts';
import { packageFile } from '../package-file.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { refuseInLake } from '../refuse-in-lake.ts';
import { renderReport } from '../render/report.ts';
import { nextRunOf } from '../schedule-notice.ts';
import { untilStopped } from '../stop.ts';
import { version } from '../version.ts';

export interface ReportOptions {
  readonly out: string;
  readonly runs: number;
  /** Undefined where nothing is said. */
  readonly rows?: boolean;
  readonly maxSize: number;
}

const MEGABYTE = 1_000_000;

export async function command(
  _args: readonly string[],
  { out, runs, rows, maxSize }: ReportOptions,
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const isFolder = await meansFolder(out);
  const file = resolve(isFolder ? join(out, 'index.html') : out);
  refuseInLake(file);
  // What lies on a static host may be anybody's to read.
  const withRows = rows ?? !isFolder;
  return untilStopped(async (signal) =>
    withReader(project, project.edge(signal), async (reader) => {
      const report = await makeReport({
        reader,
        version: version(),
        allowRun: false,
        nextRun: nextRunOf(project.config),
        assets: packageFile('dist/web'),
        at: new Date().toISOString(),
        runs,
        rows: withRows,
        maxBytes: maxSize * MEGABYTE,
        signal,
      });
      const html = globals.session.redactor.known(report.html);
      await write(file, html);
      const { runsWithoutRows, tablesWithoutRows } = report;
      const bytes = Buffer.byteLength(html);
      print({ file, bytes, rows: withRows, runsWithoutRows, tablesWithoutRows }, globals, renderReport);
      return 0;
    }),
  );
}

async function meansFolder(out: string): Promise<boolean> {
  if (/[/\\]$/.test(out)) return true;
  return stat(out).then(
    (found) => found.isDirectory(),
    () => !/\.html?$/i.test(out),
  );
}

/** The file appears whole, or not at all. */
async function write(file: string, html: string): Promise<void> {
  const unfinished = `${file}.part`;
  try {
    await ensureFolder(dirname(file));
    await writeFile(unfinished, html);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new IgarapeError('USAGE', `${file} cannot be written: ${systemReason(error)}.`, {
      cause: error,
    });
  }
}
