/** The rule that {@link isTableName} checks, for messages. */
export const TABLE_NAME_RULE: string =
  'a name of up to 100 characters that is a safe file name and SQL name: not beginning with "_", "." or "-", ' +
  'not ending in "." or a space, without / \\ : * ? " < > | [ ] { } , or control characters';

const FORBIDDEN = /[/\\:*?"<>|[\]{},\p{Cc}]/u;
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i;

/**
 * Whether a table of this name can be a file on every system and store, and be listed after a comma. Directory
 * readers such as Spark skip what begins with `_` or `.`, so such a table would be published unseen.
 */
export function isTableName(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= 100 &&
    !/^[\s._-]/.test(name) &&
    !/[\s.]$/.test(name) &&
    !FORBIDDEN.test(name) &&
    !WINDOWS_DEVICE.test(name)
  );
}

/** The glob that a table's file is looked for with where the configuration gives none. */
export function defaultFilePattern(name: string): string {
  return `**/${literalPattern(name)}.{csv,csv.gz,parquet,jsonl}`;
}

/** A name without brackets, braces, `*` or `?`, as the glob that matches it alone. */
export function literalPattern(name: string): string {
  return name.replaceAll(/[()!+@$^]/g, String.raw`\$&`);
}
