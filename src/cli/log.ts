import { closeSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type DestinationStream, multistream, pino, stdTimeFunctions, type StreamEntry } from 'pino';
import { ensureFolder } from '../core/ensure-folder.ts';
import { IgarapeError, systemErrorCode, systemReason } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import type { GlobalOptions } from './options.ts';
import { layoutOf, wrapped } from './render/layout.ts';
import { program } from './version.ts';

const LARGEST_BYTES = 20 * 1024 * 1024;

type LogOptions = Pick<GlobalOptions, 'logLevel' | 'quiet' | 'color' | 'session'>;

/** The log of one call of the program. */
export interface RunLog {
  /** The log file, absolute. */
  readonly path: string;
  /** A logger whose lines all carry the id; one a run. */
  correlated(id: string): Logger;
}

/**
 * JSON lines to `<workDir>/logs/igarape.log`, every level; and from `logLevel` on to stderr, on a terminal as readable
 * lines. Credentials appear in none. A file that has grown large is set aside as `igarape.log.1`, at any time.
 *
 * @throws IgarapeError CONFIG_INVALID, DISK_FULL where the log cannot be written. When that happens only later, stderr
 * says so, once, and the work goes on: the lake does not need the log.
 */
export async function openLog(
  workDir: string,
  options: LogOptions,
  largestBytes: number = LARGEST_BYTES,
): Promise<RunLog> {
  const { session } = options;
  const logLevel = options.quiet === true && options.logLevel === 'info' ? 'warn' : options.logLevel;
  const path = join(workDir, 'logs', 'igarape.log');
  const { screen, redactor } = session;
  const onTrouble = (error: IgarapeError): void =>
    screen.write(`${error.message} The run goes on without it.\n`);
  const file = await openFile(workDir, path, { firstLine: startLine(), largestBytes, onTrouble });
  const streams: StreamEntry[] = [{ level: 'debug', stream: file }];
  if (logLevel !== 'silent') streams.push({ level: logLevel, stream: await standardError(options) });
  const lines = pino(
    {
      level: 'debug',
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redactor.text },
    },
    multistream(streams),
  );
  return {
    path,
    correlated: (id) => {
      const own = lines.child({ correlation: id });
      return {
        debug: (fields, message) => own.debug(fields, message),
        info: (fields, message) => own.info(fields, message),
        warn: (fields, message) => own.warn(fields, message),
        error: (fields, message) => own.error(fields, message),
      };
    },
  };
}

interface LogFile {
  readonly firstLine: string;
  readonly largestBytes: number;
  readonly onTrouble: (error: IgarapeError) => void;
}

async function openFile(
  workDir: string,
  path: string,
  { firstLine, largestBytes, onTrouble }: LogFile,
): Promise<DestinationStream> {
  try {
    await ensureFolder(join(workDir, 'logs'));
    let file = openSync(path, 'a');
    let failed = false;
    const write = (line: string): void => {
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > largestBytes) {
        closeSync(file);
        renameSync(path, `${path}.1`);
        file = openSync(path, 'a');
      }
      writeSync(file, line);
    };
    // A first write tells what opening does not: that the disk is full.
    write(firstLine);
    return {
      write: (line) => {
        try {
          write(line);
        } catch (error) {
          if (!failed) onTrouble(logTrouble(path, error));
          failed = true;
        }
      },
    };
  } catch (error) {
    throw logTrouble(path, error);
  }
}

function startLine(): string {
  return `${JSON.stringify({ level: 'debug', time: new Date().toISOString(), pid: process.pid, msg: `${program()} started` })}\n`;
}

function logTrouble(path: string, error: unknown): IgarapeError {
  const code = systemErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new IgarapeError('DISK_FULL', `The log ${path} cannot be written: the disk is full.`, {
      hint: 'Free some space, or set "work_dir" in the configuration to a folder on a larger disk.',
      cause: error,
    });
  }
  return new IgarapeError('CONFIG_INVALID', `The log ${path} cannot be written: ${systemReason(error)}.`, {
    hint: 'Set "work_dir" in the configuration to a folder that this user may write to.',
    cause: error,
  });
}

/** What is told of its beginning and its end by bar and report. */
const SHOWN_OTHERWISE: ReadonlySet<unknown> = new Set([
  'committed',
  'verifying the lake',
  'verified the lake',
]);

/** What a run did to a table, and that it was committed, stands in its report, too. */
function isReported(line: string): boolean {
  const written: unknown = JSON.parse(line);
  return (
    typeof written === 'object' &&
    written !== null &&
    ('operation' in written || ('msg' in written && SHOWN_OTHERWISE.has(written.msg)))
  );
}

/** On a terminal a line is its message; its fields are for who looks for the cause of something, or for a program. */
async function standardError({
  logLevel,
  color,
  session: { screen },
}: LogOptions): Promise<DestinationStream> {
  if (!screen.isTerminal) return { write: (line) => screen.write(line) };
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: color && process.stderr.hasColors(),
    ignore: 'correlation',
    hideObject: logLevel !== 'debug',
    singleLine: true,
    translateTime: 'SYS:HH:MM:ss',
  });
  return {
    write: (line) => {
      if (logLevel !== 'debug' && isReported(line)) return;
      screen.write(`${wrapped(pretty(line).trimEnd(), layoutOf(process.stderr), '  ')}\n`);
    },
  };
}
