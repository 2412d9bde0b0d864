/** Characters that show nothing themselves, and turn round or hide what stands beside them. */
const HIDDEN =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;

/** A text of others with everything that is in it to be seen; lines and tabs stay. */
export function legible(text: string): string {
  return text.replaceAll(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    return code < 32 ? String.fromCharCode(0x2400 + code) : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** A value on one line, the spaces at its ends with it. */
export function legibleValue(text: string): string {
  return legible(text)
    .replaceAll('\n', '↵')
    .replaceAll('\t', '⇥')
    .replaceAll(/^ +| +$/g, (spaces) => '␣'.repeat(spaces.length));
}
