import { verify, type VerifyProgress } from '../../pipeline/verify.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { bar } from '../progress.ts';
import { renderVerify } from '../render/verify.ts';
import { untilStopped } from '../stop.ts';

const TOLD_EVERY = 100;

export async function command(
  _args: readonly string[],
  { since, sample }: { readonly since?: number | true; readonly sample?: boolean },
  globals: GlobalOptions,
): Promise<number> {
  const project = await openProject(globals);
  const { screen } = globals.session;
  const { log } = project;
  const onFile = ({ key, number, total }: VerifyProgress): void => {
    screen.status(`verifying  ${bar((number - 1) / total)}  ${number} of ${total}  ${key}`);
    log.debug({ key, number, total }, 'verifying');
    // Where there is no screen, the log tells now and then.
    if (number % TOLD_EVERY === 0) log.info({ number, total }, 'verifying: so many files are done');
  };
  return untilStopped(async (signal) => {
    log.info({ lake: project.storage.uri }, 'verifying the lake');
    const from = since === true ? 'last' : since;
    const report = await verify(project, project.edge(signal), onFile, { since: from, sample });
    log.info({ ok: report.ok, runs: report.runs }, 'verified the lake');
    print(report, globals, renderVerify);
    return report.ok ? 0 : 5;
  });
}
