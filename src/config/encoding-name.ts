/** Names of ISO-8859-1; the WHATWG's standard takes them for windows-1252, which differs in 0x80 to 0x9f. */
const LATIN_1 = new Set(['latin-1', 'latin1', 'l1', 'iso-8859-1', 'iso8859-1', 'iso_8859-1', 'iso88591']);

/** Names of what MS-DOS wrote, which the standard does not have. */
const CODE_PAGE = /^(?:cp|ibm)?-?(437|850|860)$/;

/** The one name of the encoding with this label: the WHATWG's, `latin-1`, `cp850`, `cp860` or `cp437`; undefined where it is not known. */
export function encodingName(label: string): string | undefined {
  const written = label.trim().toLowerCase();
  if (LATIN_1.has(written)) return 'latin-1';
  const [, page] = CODE_PAGE.exec(written) ?? [];
  if (page !== undefined) return `cp${page}`;
  try {
    const { encoding } = new TextDecoder(written);
    return encoding === 'replacement' ? undefined : encoding;
  } catch {
    return undefined;
  }
}
