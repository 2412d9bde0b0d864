/**
 * SQL that makes of the engine's JSON, as text, what every reader of JSON takes: it writes `NaN` and `Infinity` bare, and
 * a variant's decimals below one as `.5`. The former become text, as in rows as JSON.
 */
export function strictJson(json: string): string {
  const text = `CAST(${json} AS VARCHAR)`;
  const parts = `regexp_extract_all(${text}, '${TEXT}|[^"]+')`;
  const number = `regexp_replace(part, '(^|[-,:\\[])\\.', '\\10.', 'g')`;
  const value = `regexp_replace(${number}, '-?(?:NaN|Infinity)', '"\\0"', 'g')`;
  const strict = `list_transform(${parts}, lambda part: if(starts_with(part, '"'), part, ${value}))`;
  return `CAST(if(regexp_matches(${text}, '(?:^|[-,:\\[])\\.|NaN|Infinity'), array_to_string(${strict}, ''), ${text}) AS JSON)`;
}

/** A text of JSON, in which nothing is what it looks like. */
const TEXT = String.raw`"(?:[^"\\]|\\.)*"`;
