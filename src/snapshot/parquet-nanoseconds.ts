import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../engine/engine.ts';
import { parquetFile, quoteName } from '../engine/quote.ts';
import { copyWithoutLoss } from '../engine/parquet-footer.ts';
import type { LeafValue } from './parquet-nested.ts';
import { leavesOf, type ParquetElement } from './parquet-schema.ts';

/** A file whose instants the engine would cut, read from a copy. */
interface ExactInstants {
  /** SQL after FROM: its rows. Columns of instants are these, or text where they have digits below a microsecond. */
  readonly relation: string;
  /** How instants in nested values are read from it: as text. */
  readonly inNested: LeafValue;
}

/**
 * The engine cuts what lies below a microsecond from the instants of INT96 columns, and from nanoseconds in UTC, before
 * anybody sees it. Where the file has such digits, or such instants in nested values, resolves how its rows are read
 * from a copy below `workDir`; undefined where nothing is cut.
 */
export async function exactInstants(
  engine: Engine,
  path: string,
  elements: readonly ParquetElement[],
  workDir: string,
): Promise<ExactInstants | undefined> {
  const cut = elements.flatMap(({ name, ...element }) => {
    const instant = instantOf(quoteName(name), element);
    return instant === undefined ? [] : [{ name: quoteName(name), ...instant }];
  });
  const isNested = elements.some(({ parts }) => parts.flatMap(leavesOf).some(({ leaf }) => isCut(leaf)));
  if (cut.length === 0 && !isNested) return undefined;
  const copy = join(workDir, `${randomUUID()}.parquet`);
  await copyWithoutLoss(path, copy);
  const tests = cut.map(({ nanoseconds }, index) => `bool_or(${nanoseconds} % 1000 <> 0) AS c${index}`);
  const [found] = await engine.rows(`SELECT ${['count(*)', ...tests].join(', ')} FROM ${parquetFile(copy)}`);
  const hasDigits = cut.map((_, index) => found?.[`c${index}`] === true);
  if (!isNested && !hasDigits.includes(true)) {
    await rm(copy, { force: true });
    return undefined;
  }
  const values = cut.map(
    ({ name, text, instant }, index) => `${hasDigits[index] ? text : instant} AS ${name}`,
  );
  const replaced = values.length === 0 ? '' : ` REPLACE (${values.join(', ')})`;
  return {
    relation: `(SELECT *${replaced} FROM ${parquetFile(copy)})`,
    inNested: (value, leaf) => instantOf(value, leaf)?.text ?? value,
  };
}

/** Whether the engine cuts the instants of a column without parts. */
export function isCut(leaf: ParquetElement): boolean {
  return instantOf('', leaf) !== undefined;
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
function instantOf(
  value: string,
  element: Pick<ParquetElement, 'physicalType' | 'logicalType'>,
): Instant | undefined {
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
