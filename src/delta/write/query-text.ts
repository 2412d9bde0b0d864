/** Texts, names and comments, in which a semicolon ends nothing. */
const TOKEN = /'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|--[^\n]*|\/\*[\s\S]*?\*\/|[\s\S]/g;

/** A query as it may stand in brackets: without the semicolons at its end, and whether or not it ends in a comment. */
export function queryText(sql: string): string {
  let end = sql.length;
  for (const { 0: token, index } of sql.matchAll(TOKEN)) {
    if (token === ';') end = Math.min(end, index);
    else if (!/^(?:\s|--|\/\*)/.test(token)) end = sql.length;
  }
  return `${sql.slice(0, end)}\n`;
}
