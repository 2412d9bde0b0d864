import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { destination, type Level, multistream, pino, type StreamEntry } from 'pino';
import type { Logger } from '../core/log.ts';
import type { GlobalOptions } from './options.ts';
import { redactor, type Secrets } from './redact.ts';

/**
 * JSON lines to `<workDir>/logs/igarape.log` and, off a terminal, to stderr; readable lines on a terminal. Every line
 * of one process has the same `correlation` id. What `secrets` holds appears in none.
 */
export async function openLog(
  workDir: string,
  globals: Pick<GlobalOptions, 'logLevel' | 'color'>,
  correlation: string,
  secrets: Secrets,
): Promise<Logger> {
  const folder = join(workDir, 'logs');
  mkdirSync(folder, { recursive: true });
  const streams: StreamEntry<Level>[] = [
    { level: 'debug', stream: destination({ dest: join(folder, 'igarape.log'), sync: true }) },
  ];
  const { logLevel } = globals;
  if (logLevel !== 'silent') streams.push({ level: logLevel, stream: await standardError(globals.color) });
  const redact = redactor(secrets);
  const lines = pino(
    {
      level: 'debug',
      base: { correlation },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redact },
    },
    multistream(streams),
  );
  return {
    debug: (fields, message) => lines.debug(fields, message),
    info: (fields, message) => lines.info(fields, message),
    warn: (fields, message) => lines.warn(fields, message),
    error: (fields, message) => lines.error(fields, message),
  };
}

async function standardError(color: boolean): Promise<StreamEntry['stream']> {
  if (process.stderr.isTTY !== true) return destination({ dest: 2, sync: true });
  const { default: pretty } = await import('pino-pretty');
  return pretty({ colorize: color, destination: 2, sync: true, ignore: 'correlation,pid,hostname', singleLine: true });
}
