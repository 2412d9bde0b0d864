import { size } from './format.ts';

interface Folder {
  readonly folders: Map<string, Folder>;
  readonly files: Map<string, number>;
}

/** Keys as a tree of folders with the size of each file and folder; `root` is its first line. */
export function tree(
  root: string,
  files: readonly { readonly key: string; readonly bytes: number }[],
): string {
  const top = emptyFolder();
  for (const { key, bytes } of files) {
    const names = key.split('/');
    let folder = top;
    for (const name of names.slice(0, -1)) {
      const inner = folder.folders.get(name) ?? emptyFolder();
      folder.folders.set(name, inner);
      folder = inner;
    }
    folder.files.set(names.at(-1) ?? '', bytes);
  }
  const lines = [{ text: root, bytes: bytesOf(top) }, ...branches(top, '')];
  const width = Math.max(...lines.map(({ text }) => text.length));
  return lines.map(({ text, bytes }) => `${text.padEnd(width)}  ${size(bytes).padStart(8)}`).join('\n');
}

function branches(folder: Folder, indent: string): { text: string; bytes: number }[] {
  const entries = [
    ...[...folder.files].map(([name, bytes]) => ({ name, bytes, inner: undefined })),
    ...[...folder.folders].map(([name, inner]) => ({ name: `${name}/`, bytes: bytesOf(inner), inner })),
  ];
  return entries.flatMap(({ name, bytes, inner }, index) => {
    const isLast = index === entries.length - 1;
    const line = { text: `${indent}${isLast ? '└── ' : '├── '}${name}`, bytes };
    return inner === undefined ? [line] : [line, ...branches(inner, `${indent}${isLast ? '    ' : '│   '}`)];
  });
}

function bytesOf({ files, folders }: Folder): number {
  let bytes = 0;
  for (const size of files.values()) bytes += size;
  for (const folder of folders.values()) bytes += bytesOf(folder);
  return bytes;
}

function emptyFolder(): Folder {
  return { folders: new Map(), files: new Map() };
}
