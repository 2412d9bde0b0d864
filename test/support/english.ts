/** Words of English sentences that Portuguese ones do not have. */
const WORDS =
  /(?<![\p{L}\d_./-])(?:the|is|are|was|were|of|and|or|not|nor|which|with|without|has|have|its|cannot|there|from|this|that|be|an|than|by|it|to|at|above|below|must|only|allowed|missing|found|unknown|least|such|whole|true or false)(?![\p{L}\d_/-])/giu;

/** What is somebody's own: quoted, a path, an address, SQL, an option, and the engine's words. */
const OTHERS =
  /\b\w+ Error\)?: .*|"(?:[^"\\\n]|\\.)*"|`[^`\n]*`|'[^'\n]*'|\S*[/\\]\S*|\b(?:GROUP|ORDER|PARTITION) BY\b|\b(?:last|first) by\b/g;

/** The English that is left in a text that should be Portuguese. */
export function englishIn(text: string): string[] {
  const found = text.replaceAll(OTHERS, '…').match(WORDS) ?? [];
  return found.filter((word) => word !== word.toUpperCase());
}
