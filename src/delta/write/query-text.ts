/** Texts, names and comments, in which a semicolon ends nothing. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\/|[\s\S]/g;

/**
 * A query as it may stand in brackets: without the semicolons at its end, and whether or not it ends in a comment; empty
 * where it is nothing else.
 */
export function queryText(sql: string): string {
  let end = sql.length;
  let isEmpty = true;
  for (const { 0: token, index } of sql.matchAll(TOKEN)) {
    if (token === ';') end = Math.min(end, index);
    else if (!/^(?:\s|--|\/\*)/.test(token)) {
      end = sql.length;
      isEmpty = false;
    }
  }
  return isEmpty ? '' : `${sql.slice(0, end)}\n`;
}
