import { IgarapeError } from '../../core/errors.ts';
import type { WriteResult } from '../../delta/write/publish.ts';
import type { VacuumResult } from '../../delta/maintain/vacuum.ts';
import { say } from '../language.ts';
import { print } from '../print.ts';
import { renderVacuum, renderWrite } from '../render/delta-upkeep.ts';
import { at, type AtOptions, command, type DeltaCommand } from './delta.ts';

interface OptimizeOptions {
  readonly where?: string;
  readonly targetSize?: number;
}

interface VacuumOptions {
  readonly dryRun?: boolean;
  readonly retentionHours?: number;
  readonly allowShortRetention?: boolean;
}

const HOUR_MS = 3_600_000;
const MEGABYTE = 1_000_000;

/** `igarape delta optimize PATH` */
export const optimize: DeltaCommand<OptimizeOptions> = command(
  async (table, { where, targetSize }, globals) => {
    const result = await table.optimize({
      ...(where === undefined ? {} : { where }),
      ...(targetSize === undefined ? {} : { targetSizeBytes: targetSize * MEGABYTE }),
    });
    print(result, globals, (written: WriteResult) => renderWrite(written, say('Nothing to put together.')));
  },
);

/** `igarape delta vacuum PATH` */
export const vacuum: DeltaCommand<VacuumOptions> = command(async (table, options, globals) => {
  const { dryRun = false, retentionHours, allowShortRetention = false } = options;
  const result = await table.vacuum({
    dryRun,
    allowShortRetention,
    ...(retentionHours === undefined ? {} : { retentionMs: retentionHours * HOUR_MS }),
  });
  print(result, globals, (removed: VacuumResult) => renderVacuum(removed, dryRun));
});

/** `igarape delta restore PATH` */
export const restore: DeltaCommand<AtOptions> = command(async (table, options, globals) => {
  const version = at(options);
  if (version === undefined) {
    throw new IgarapeError('USAGE', 'It takes a version to restore.', {
      hint: 'Give --version or --timestamp; see the versions with: igarape delta history',
    });
  }
  const result = await table.restore(version);
  print(result, globals, (written: WriteResult) =>
    renderWrite(written, say('The table is at that state already.')),
  );
});
