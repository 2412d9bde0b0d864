/** Takes out of a text what must not leave the machine. */
export type Redact = (text: string) => string;

/**
 * A value as JSON, with every text in it redacted by itself: in JSON as a whole a table `token` looks like a secret, and
 * what takes that out leaves no JSON.
 */
export function redactedJson(value: object, redact: Redact = (text) => text): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? redact(part) : part));
}
