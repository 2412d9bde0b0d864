import { cpSync, linkSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A copy of a tree whose Parquet files are never changed in place. */
export function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)];
    if (statSync(source).isDirectory()) linkTree(source, target);
    else if (name.endsWith('.parquet')) linkSync(source, target);
    else cpSync(source, target);
  }
}

/** The files below a folder by their relative paths, and their sizes in bytes. */
export function fileSizes(folder: string): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) sizes.set(relative(folder, path), statSync(path).size);
  }
  return sizes;
}
