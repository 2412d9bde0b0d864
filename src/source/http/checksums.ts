import { createHash } from 'node:crypto';
import { createCRC32 } from 'hash-wasm';

/** The digests that a server states, in base64 as Google's storage writes them. */
export interface StatedDigests {
  readonly md5?: string | undefined;
  readonly crc32c?: string | undefined;
}

/** Reads `x-goog-hash: crc32c=…,md5=…`, in any order, either one alone, or repeated. */
export function parseGoogHash(header: string | undefined): StatedDigests {
  const parts = (header ?? '').split(',').map((part) => part.trim());
  const digest = (name: string): string | undefined => {
    const value = parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
    return value === '' ? undefined : value;
  };
  const md5 = digest('md5');
  const crc32c = digest('crc32c');
  return { ...(md5 === undefined ? {} : { md5 }), ...(crc32c === undefined ? {} : { crc32c }) };
}

export interface Digester {
  update(chunk: Uint8Array): void;
  /** Ends it: the SHA-256 in hex, and the first stated digest that the bytes do not have. */
  finish(): { readonly sha256: string; readonly mismatch: keyof StatedDigests | undefined };
}

/** Digests bytes as they pass: the stated digests, to check them, and the SHA-256, to remember it. */
export async function createDigester(stated: StatedDigests): Promise<Digester> {
  const sha256 = createHash('sha256');
  const md5 = stated.md5 === undefined ? undefined : createHash('md5');
  const crc32c = stated.crc32c === undefined ? undefined : await createCRC32(CASTAGNOLI);
  crc32c?.init();
  return {
    update: (chunk) => {
      sha256.update(chunk);
      md5?.update(chunk);
      crc32c?.update(chunk);
    },
    finish: () => {
      const isMd5 = md5 === undefined || md5.digest('base64') === stated.md5;
      const isCrc =
        crc32c === undefined || Buffer.from(crc32c.digest('binary')).toString('base64') === stated.crc32c;
      return { sha256: sha256.digest('hex'), mismatch: isMd5 ? (isCrc ? undefined : 'crc32c') : 'md5' };
    },
  };
}

/** The polynomial of CRC-32C, bits reversed. */
const CASTAGNOLI = 0x82f63b78;
