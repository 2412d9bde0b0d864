/** Secret texts that must not appear in a log. */
export type Secrets = readonly string[];

const SECRET_VARIABLES = [
  'KAGGLE_KEY',
  'KAGGLE_API_TOKEN',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_ACCESS_KEY_ID',
] as const;
const SHORTEST_SECRET = 6;
const HIDDEN = '[redacted]';

/** The credentials in an environment. */
export function secretsOf(env: Readonly<Record<string, string | undefined>>): Secrets {
  return SECRET_VARIABLES.flatMap((name) => {
    const value = env[name];
    return value === undefined || value.length < SHORTEST_SECRET ? [] : [value];
  });
}

/**
 * Replaces in a line of text: the given secrets, `Authorization` values, credentials in URLs, and the signatures of
 * signed URLs.
 */
export function redactor(secrets: Secrets): (line: string) => string {
  const escaped = secrets.map((secret) => JSON.stringify(secret).slice(1, -1));
  return (line) => {
    let clean = line;
    for (const secret of escaped) clean = clean.replaceAll(secret, HIDDEN);
    return clean
      .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`)
      .replace(/(https?:\/\/)[^\s/@"]+@/gi, `$1${HIDDEN}@`)
      .replace(/([?&](?:X-Goog-|X-Amz-)?(?:Signature|Credential|Security-Token|sig|token|key)=)[^&\s"]+/gi, `$1${HIDDEN}`);
  };
}
