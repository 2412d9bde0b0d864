import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engine/engine.ts';
import { parquetFile, quoteName } from '../engine/quote.ts';
import { copyWithoutLoss } from './parquet-footer.ts';
import type { ParquetElement } from './parquet-schema.ts';

/**
 * The engine cuts what lies below a microsecond from the instants of INT96 columns, and from nanoseconds in UTC, before
 * anybody sees it. Where the file has such digits, resolves another relation of its rows, over a copy below `workDir`,
 * in which the columns that have them are text; undefined where nothing is cut.
 */
export async function exactInstants(
  engine: Engine,
  path: string,
  elements: readonly ParquetElement[],
  workDir: string,
): Promise<string | undefined> {
  const cut = elements.flatMap(({ name, ...element }) => {
    const instant = instantOf(quoteName(name), element);
    return instant === undefined ? [] : [{ name: quoteName(name), ...instant }];
  });
  if (cut.length === 0) return undefined;
  const copy = join(workDir, `${randomUUID()}.parquet`);
  await copyWithoutLoss(path, copy);
  const tests = cut.map(({ nanoseconds }, index) => `bool_or(${nanoseconds} % 1000 <> 0) AS c${index}`);
  const [found] = await engine.rows(`SELECT ${tests.join(', ')} FROM ${parquetFile(copy)}`);
  const hasDigits = cut.map((_, index) => found?.[`c${index}`] === true);
  if (!hasDigits.includes(true)) {
    await rm(copy, { force: true });
    return undefined;
  }
  const values = cut.map(
    ({ name, text, instant }, index) => `${hasDigits[index] ? text : instant} AS ${name}`,
  );
  return `(SELECT * REPLACE (${values.join(', ')}) FROM ${parquetFile(copy)})`;
}

interface Instant {
  /** SQL: a number that ends in the digits below a microsecond. */
  readonly nanoseconds: string;
  /** SQL: the instant with all of its digits. */
  readonly text: string;
  /** Without these. */
  readonly instant: string;
}

/** How the values of a column are read from the copy; undefined where the engine cuts nothing. */
function instantOf(value: string, element: Omit<ParquetElement, 'name'>): Instant | undefined {
  if (element.physicalType === 'INT96') return int96(value);
  if (!/^Timestamp.*isAdjustedToUTC=1.*NANOS=NanoSeconds/.test(element.logicalType)) return undefined;
  const nanoseconds = `epoch_ns(${value})`;
  return {
    nanoseconds,
    text: `CAST(${value} AS VARCHAR) || '+00'`,
    instant: `make_timestamptz(${nanoseconds} // 1000)`,
  };
}

const JULIAN_DAY_1970 = 2_440_588;
const DAY_MICROSECONDS = 86_400_000_000;

/** Eight bytes of nanoseconds of the day and four of the Julian day, the lowest first. */
function int96(value: string): Instant {
  const nanoseconds = littleEndian(value, 1, 8);
  const day = littleEndian(value, 9, 12);
  const micros = `((${day} - ${JULIAN_DAY_1970}) * ${DAY_MICROSECONDS} + ${nanoseconds} // 1000)`;
  const sql = `make_timestamp(${micros})`;
  const fraction = `lpad(CAST(${nanoseconds} % 1000000000 AS VARCHAR), 9, '0')`;
  const text = `CASE WHEN ${nanoseconds} % 1000 = 0 THEN CAST(${sql} AS VARCHAR)
    ELSE strftime(${sql}, '%Y-%m-%d %H:%M:%S.') || rtrim(${fraction}, '0') END`;
  return { nanoseconds, text, instant: sql };
}

/** SQL: an unsigned number of the bytes from one to another, counted from 1. */
function littleEndian(value: string, from: number, to: number): string {
  const bytes: string[] = [];
  for (let at = to; at >= from; at -= 1) bytes.push(`hex(${value})[${2 * at - 1}:${2 * at}]`);
  return `CAST('0x' || ${bytes.join(' || ')} AS BIGINT)`;
}
