import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAt } from '../../support/write-file.ts';

/** Writes models, by their path in the folder: `silver/clientes.sql`. */
export async function writeModels(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await writeFileAt(join(folder, name), content);
  }
}
