import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { ZipFile } from 'yazl';

/** Files by their name. */
export type Files = Readonly<Record<string, string | Buffer>>;

/** An honest zip file of the files. */
export async function zipOf(files: Files): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    zip.addBuffer(Buffer.from(content), name, { mtime: new Date(0) });
  }
  zip.end();
  return await buffer(zip.outputStream);
}

/** A tar entry; a plain file where no type is given. */
export interface TarEntry {
  readonly name: string;
  readonly content?: string | Buffer;
  readonly type?: 'file' | 'symlink' | 'link' | 'directory' | 'character-device' | 'fifo';
  readonly linkname?: string;
}

export async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, content = '', type = 'file', linkname } of entries) {
    tar.entry({ name, type, mtime: new Date(0), ...(linkname ? { linkname } : {}) }, Buffer.from(content));
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

export async function tarGzOf(files: Files): Promise<Buffer> {
  return gzipSync(await tarOf(Object.entries(files).map(([name, content]) => ({ name, content }))));
}

/** An entry of a zip file as a liar would write it: what is stated overrides what is true. */
export interface RawZipEntry {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  readonly method?: number;
  readonly flags?: number;
  readonly statedSize?: number;
  readonly statedCrc?: number;
  /** The Unix mode, with the file's kind. */
  readonly mode?: number;
  /** Refers to the local entry with this index instead of writing one of its own. */
  readonly sharesLocal?: number;
}

/** A zip file, byte by byte, without any check. */
export function rawZipOf(entries: readonly RawZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const offsets: number[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const content = Buffer.from(entry.content ?? '');
    const method = entry.method ?? 8;
    const packed = method === 8 ? deflateRawSync(content) : content;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE((entry.flags ?? 0) | 0x800, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(entry.statedCrc ?? crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(entry.statedSize ?? content.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const shared = entry.sharesLocal === undefined ? undefined : offsets[entry.sharesLocal];
    offsets.push(shared ?? offset);
    if (shared === undefined) {
      const local = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), fields, name, packed]);
      locals.push(local);
      offset += local.length;
    }
    const header = Buffer.alloc(46);
    header.write('PK\u0001\u0002', 0, 'latin1');
    header.writeUInt16LE((3 << 8) | 20, 4);
    fields.copy(header, 6, 0, 24);
    header.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38);
    header.writeUInt32LE(shared ?? offsets.at(-1) ?? 0, 42);
    central.push(Buffer.concat([header, name]));
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 0, 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}
