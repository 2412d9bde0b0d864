import { homedir } from 'node:os';
import { doctor } from '../../pipeline/doctor/doctor.ts';
import type { GlobalOptions } from '../options.ts';
import { printOutcome } from '../print.ts';
import { openProject } from '../project.ts';
import { renderDoctor } from '../render/doctor.ts';
import { untilStopped } from '../stop.ts';

export async function command(
  _args: readonly string[],
  _options: object,
  globals: GlobalOptions,
): Promise<number> {
  return untilStopped(async (signal) => {
    const report = await doctor({
      nodeVersion: process.version,
      open: async () => {
        const project = await openProject(globals);
        const { config, storage, env } = project;
        const source = await project.openSource();
        return { config, storage, source, edge: project.edge(signal), credentials: { env, home: homedir() } };
      },
    });
    printOutcome({ result: report, exitCode: report.exitCode }, globals, renderDoctor);
    return report.exitCode;
  });
}
