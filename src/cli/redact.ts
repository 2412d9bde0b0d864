const HIDDEN = '[redacted]';
/** A shorter text would also stand where it is no secret. */
const SHORTEST_SECRET = 6;

/**
 * Hides credentials in what is about to be shown or written: those that this process knows by value, and in logs and
 * errors whatever has the form of one.
 */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Makes secrets known, in each form that they are sent or written in. */
  add(secrets: Iterable<string>): void {
    for (const secret of secrets) {
      const text = secret.trim();
      if (text.length < SHORTEST_SECRET) continue;
      const inJson = JSON.stringify(text).slice(1, -1);
      for (const form of [text, inJson, JSON.stringify(inJson).slice(1, -1), encodeURIComponent(text)])
        this.#secrets.add(form);
    }
  }

  /** Hides the known secrets: for data, where other text must stay as it is. */
  readonly known = (text: string): string => {
    let clean = text;
    // The longest first: one secret may be a part of another.
    for (const secret of [...this.#secrets].toSorted((a, b) => b.length - a.length))
      clean = clean.replaceAll(secret, HIDDEN);
    return clean;
  };

  /** Hides the known secrets and every form of credential: for log lines, errors and their causes. */
  readonly text = (text: string): string => {
    let clean = this.known(text);
    for (const [form, shown] of FORMS) clean = clean.replace(form, shown);
    return clean;
  };
}

const SECRET_NAMES = [
  'x-amz-security-token',
  'aws_?access_?key_?id',
  '(?:aws_?)?secret_?access_?key',
  '(?:aws_?)?(?:session|security)_?token',
  '(?:access|refresh|id|api|auth|bearer)_?token',
  '(?:kaggle_?|api_?)key',
  'kaggle_api_token',
  'client_?secret',
  'pass(?:word|wd|phrase)',
  '\\w*secret\\w*',
  '\\w*passw\\w*',
  'token',
].join('|');

const SECRET_PARAMETERS = [
  'X-(?:Goog|Amz)-[\\w-]+',
  'AWSAccessKeyId',
  'GoogleAccessId',
  'Signature',
  'Policy',
  'Key-Pair-Id',
  'sig',
  '(?:\\w+_)?token',
  '(?:api_?)?key',
  'password',
  'secret',
].join('|');

/** Quotes may be escaped, for the text may be JSON, or JSON within JSON. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [/(\b(?:proxy-)?authorization\\*["']?\s*[:=]\s*\\*["']?)[^"'\\\r\n]+/gi, `$1${HIDDEN}`],
  [/\b(Bearer|Basic|Digest)\s+[\w.~+/=-]{6,}/gi, `$1 ${HIDDEN}`],
  [/\b(Credential|Signature)=[^\s,&"'\\]+/g, `$1=${HIDDEN}`],
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>\\]+@/gi, `$1${HIDDEN}@`],
  // A key may hold slashes: s3://KEY:SE/CRET@bucket. What follows a port is a path.
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>\\:@]+:(?!\d+\/)[^\s"'<>\\@]+@/gi, `$1${HIDDEN}@`],
  [new RegExp(String.raw`([?&;](?:${SECRET_PARAMETERS})=)[^&\s"'<>\\]+`, 'gi'), `$1${HIDDEN}`],
  [
    // What is said of a key that a configuration may not have is no secret.
    new RegExp(
      String.raw`(\b(?:${SECRET_NAMES})\\*["']?\s*[:=]\s*\\*["']?)(?!unknown key;)[^\s"'\\,;&}[\]]+`,
      'gi',
    ),
    `$1${HIDDEN}`,
  ],
  [/(\bkey\\*["']\s*:\s*\\*["'])[0-9a-f]{32}(?![0-9a-f])/gi, `$1${HIDDEN}`],
  [
    /(<(?:AWSAccessKeyId|AccessKeyId|SecretAccessKey|SessionToken|StringToSign\w*|SignatureProvided|CanonicalRequest\w*)>)[^<]+/g,
    `$1${HIDDEN}`,
  ],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, HIDDEN],
  [/\bKGAT_[\w-]{8,}/g, HIDDEN],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
];
