import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExitCode } from '../../core/errors.ts';
import { Engine } from '../../engine/engine.ts';
import { readLedger } from '../../lake/ledger.ts';
import { verifyLake } from '../../lake/verify.ts';
import type { GlobalOptions } from '../options.ts';
import { print } from '../print.ts';
import { openProject } from '../project.ts';
import { renderVerify } from '../render/verify.ts';

export async function command(_args: readonly string[], _options: object, globals: GlobalOptions): Promise<ExitCode> {
  const { config, storage } = await openProject(globals);
  const workDir = join(config.workDir, 'runs', randomUUID());
  await mkdir(workDir, { recursive: true });
  const engine = await Engine.open({ memoryLimit: config.memoryLimit, spillDir: join(workDir, 'spill') });
  try {
    const report = await verifyLake(engine, storage, await readLedger(storage), workDir);
    print(report, globals, renderVerify);
    return report.ok ? 0 : 5;
  } finally {
    engine.close();
    await rm(workDir, { recursive: true, force: true });
  }
}
