import { nearest } from './rounding.ts';
import { sparkText } from './quote.ts';
import type { PlanType } from './types.ts';

/** Spark SQL of `child` as another type; undefined where these two have none. */
export type RenderCast = (
  child: string,
  to: PlanType,
  how: { from: PlanType; isTry: boolean },
) => string | undefined;

const plain = (child: string, { spark }: PlanType, { isTry }: { isTry: boolean }): string =>
  `${isTry ? 'TRY_CAST' : 'CAST'}(${child} AS ${spark})`;

/** Casts by `from -> to`, both types or groups of types. What is on no line is refused. */
export const CASTS: Readonly<Record<string, RenderCast>> = {
  'INTEGERS | BOOLEAN -> INTEGERS': plain,
  'INTEGERS -> BOOLEAN': plain,
  'EXACT -> HUGEINT | DECIMAL': plain,
  'HUGEINT -> INTEGERS': plain,
  'DECIMAL -> INTEGERS': (child, to, how) => plain(`round(${child}, 0)`, to, how),
  'INTEGERS -> DOUBLE': plain,
  'HUGEINT | DECIMAL -> DOUBLE': (child, to, { from }) =>
    // Beyond these digits DuckDB divides by a DOUBLE that is not the power of ten.
    from.scale > 22
      ? undefined
      : ((from.width <= 15 ? undefined : wideAsDouble(child, from)) ?? `CAST(${child} AS ${to.spark})`),
  'DOUBLE -> TINYINT | SMALLINT | INTEGER': (child, to, how) => plain(`rint(${child})`, to, how),
  // Of 2 to the 63rd, which is no BIGINT, Spark makes the greatest one.
  'DOUBLE -> BIGINT': (child, to, how) =>
    plain(
      `CASE WHEN ${child} >= 9223372036854775808D THEN CAST('Infinity' AS DOUBLE) ELSE rint(${child}) END`,
      to,
      how,
    ),
  'DOUBLE -> DECIMAL': (child, to, how) => {
    if (to.width > 15) return undefined;
    const scaled = to.scale === 0 ? child : `(${child} * 1e${to.scale}D)`;
    const whole = plain(nearest(scaled), { ...to, spark: `DECIMAL(${to.width},0)` }, how);
    const unit = `CAST('${(10 ** -to.scale).toFixed(to.scale)}' AS DECIMAL(${to.scale + 1},${to.scale}))`;
    return to.scale === 0 ? whole : `CAST(${whole} * ${unit} AS ${to.spark})`;
  },
  'INTEGERS | HUGEINT | DECIMAL | BOOLEAN | DATE | TIMESTAMP -> VARCHAR': plain,
  'TIMESTAMP WITH TIME ZONE -> VARCHAR': (child) => `concat(CAST(${child} AS STRING), '+00')`,
  'DATE | TIMESTAMP | TIMESTAMP WITH TIME ZONE -> DATE | TIMESTAMP | TIMESTAMP WITH TIME ZONE': plain,
  'VARCHAR -> BOOLEAN': guarded([[/true|t|1|yes|y|false|f|0|no|n/i, plain]], /on|off/i),
  'VARCHAR -> INTEGERS': guarded(
    [
      [/\s*[+-]?\d+\s*/, plain],
      [
        /\s*[+-]?(?:\d+\.\d{0,18}|\.\d{1,18})\s*/,
        (child, to, how) =>
          plain(`round(${plain(child, { ...to, spark: 'DECIMAL(37,18)' }, how)}, 0)`, to, how),
      ],
    ],
    /(?=[^]*\d)\s*[+-]?(?:0[xXbB][0-9a-fA-F_]+|[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_.]*)?)\s*/,
  ),
  'VARCHAR -> DECIMAL': guarded(
    [[/\s*[+-]?(?=[\d.]{1,39}\s*$)(?:\d+\.?\d*|\.\d+)\s*/, plain]],
    /(?=[^]*\d)\s*[+-]?[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_.]*)?\s*/,
  ),
  'VARCHAR -> DOUBLE': guarded(
    [
      [/\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?\s*/, plain],
      [/\s*(?:nan|[+-]?inf(?:inity)?)\s*/i, plain],
    ],
    /\s*(?:(?=[^]*\d)[+-]?[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_.]*)?|[+-]nan)\s*/i,
  ),
  'VARCHAR -> DATE': guarded(
    [
      [
        /\s*\d{4}([-/ \\])\d{1,2}\1\d{1,2}(?!\d|\s*\(BC\))[^]*/,
        (child, to, how) =>
          plain(
            `regexp_replace(${child}, ${regex(/\s*(\d{4})[-/ \\](\d{1,2})[-/ \\](\d{1,2})[^]*/)}, '$1-$2-$3')`,
            to,
            how,
          ),
      ],
    ],
    /\s*(?:-?\d{1,7}([-/ \\])\d{1,2}\1\d{1,2}(?!\d)[^]*|epoch|[+-]?inf(?:inity)?)\s*/i,
  ),
  'VARCHAR -> TIMESTAMP | TIMESTAMP WITH TIME ZONE': guarded(
    [
      [
        // Of spaces after it DuckDB takes those behind seconds.
        /\s*\d{4}-\d{1,2}-\d{1,2}(?:[ T](?:[01]?\d|2[0-3]):[0-5]?\d(?::[0-5]?\d(?:\.\d{1,6})?(?:Z|[+-](?:0\d|1[0-4])(?::[0-5]\d)?)? *)?)?/,
        // Of a time without a zone neither looks at the offset that is written.
        plain,
      ],
    ],
    /\s*(?:-?\d{1,7}([-/ \\])\d{1,2}\1\d{1,2}(?!\d)[ T]*(?:[\d:. ]*)(?:[\w/+: -]*)(?:\(BC\))?|epoch|[+-]?inf(?:inity)?)\s*/i,
  ),
};

/**
 * A text as a value: of the forms that are known, in their order. Of what looks as if DuckDB might read it in a form that is not
 * among them the statement fails, rather than to give another value.
 */
function guarded(forms: readonly (readonly [RegExp, RenderCast])[], doubtful: RegExp): RenderCast {
  return (child, to, how) => {
    const known = forms.map(
      ([form, render]) => `WHEN ${child} RLIKE ${regex(form)} THEN ${render(child, to, how)}`,
    );
    const stop = (why: string): string =>
      `CAST(raise_error(concat('${why} ${to.name}: ', ${child})) AS ${to.spark})`;
    const arms = [
      `WHEN ${child} IS NULL THEN NULL`,
      ...known,
      `WHEN ${child} RLIKE ${regex(doubtful)} THEN ${stop('Spark may read this text otherwise as')}`,
      `ELSE ${how.isTry ? 'NULL' : stop('this text is no')}`,
    ];
    return `CASE ${arms.join(' ')} END`;
  };
}

/** A pattern for a whole text as Spark has it: `\s` is what DuckDB takes for space in both, `[^]` is any sign. */
function regex({ source, flags }: RegExp): string {
  const whole = source.replaceAll('[^]*', String.raw`(?s:.*)`).replaceAll('$)', String.raw`\z)`);
  return sparkText(`${flags.includes('i') ? '(?i)' : ''}\\A(?:${whole})\\z`);
}

/** As DuckDB does it: of more digits than a DOUBLE has, the whole part and the rest one by one. */
function wideAsDouble(child: string, { scale, width }: PlanType): string | undefined {
  if (scale === 0) return undefined;
  const most = `CAST('9007199254740992' AS DECIMAL(16,0)) / CAST('1${'0'.repeat(scale)}' AS DECIMAL(${scale + 1},0))`;
  const whole = `CAST(${child} - ${child} % 1 AS DECIMAL(${width},0))`;
  return `CASE WHEN abs(${child}) <= ${most} THEN CAST(${child} AS DOUBLE) ELSE CAST(${whole} AS DOUBLE) + CAST(${child} % 1 AS DOUBLE) END`;
}
