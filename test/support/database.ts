import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sqlite from 'node-sqlite3-wasm';

/** The bytes of a SQLite database that statements make. */
export async function databaseOf(...statements: readonly string[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'igarape-database-'));
  try {
    const path = join(folder, 'made.db');
    const database = new sqlite.Database(path);
    for (const statement of statements) database.exec(statement);
    database.close();
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
