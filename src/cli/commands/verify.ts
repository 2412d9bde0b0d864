import { verify, type VerifyOptions, type VerifyProgress } from '../../pipeline/verify.ts';
import { say } from '../language.ts';
import type { GlobalOptions } from '../options.ts';
import { printOutcome } from '../print.ts';
import { openProject } from '../project.ts';
import { RunBar } from '../progress.ts';
import { renderVerify } from '../render/verify.ts';
import { untilStopped } from '../stop.ts';

const TOLD_EVERY = 100;

export async function command(
  _args: readonly string[],
  { since, ...options }: Omit<VerifyOptions, 'since'> & { readonly since?: number | true },
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const { screen } = globals.session;
  const { log } = project;
  const bar = new RunBar(screen, Date.now);
  const onProgress = ({ key, number, total, share }: VerifyProgress): void => {
    bar.show(say(`${number} of ${total} verifying ${key}`), share);
    log.debug({ key, number, total }, 'verifying');
    // Where there is no screen, the log tells now and then.
    if (number % TOLD_EVERY === 0) log.info({ number, total }, 'verifying: so many files are done');
  };
  return untilStopped(async (signal) => {
    log.info({ lake: project.storage.uri }, 'verifying the lake');
    const from = since === true ? 'last' : since;
    const report = await verify(project, project.edge(signal), onProgress, { since: from, ...options });
    log.info({ ok: report.ok, runs: report.runs }, 'verified the lake');
    const exitCode = report.ok ? 0 : 5;
    printOutcome({ result: report, exitCode }, globals, renderVerify);
    return exitCode;
  });
}
