import type { Engine } from '../../src/engine/engine.ts';

const WORD = 2n ** 64n;
const FACTOR = 0xd6e8feb86659fd93n;

/** The factor's inverse modulo 2^64, by Newton's method. */
function inverse(factor: bigint): bigint {
  let found = factor;
  for (let bits = 3; bits < 64; bits *= 2) found = (found * (2n - factor * found)) % WORD;
  return ((found % WORD) + WORD) % WORD;
}

/** The integer of which DuckDB's hash is `hash`: its mixing of 64-bit integers loses nothing. */
function unhash(hash: bigint): bigint {
  let value = hash;
  for (let round = 0; round < 2; round += 1) {
    value ^= value >> 32n;
    value = (value * inverse(FACTOR)) % WORD;
  }
  value ^= value >> 32n;
  return BigInt.asIntN(64, value);
}

async function hashOf(engine: Engine, ...values: readonly bigint[]): Promise<bigint> {
  const [row] = await engine.rows(
    `SELECT hash(${values.map((value) => `${value}::BIGINT`).join(', ')})::VARCHAR AS h`,
  );
  return BigInt(String(row?.['h']));
}

/** Of which number, beside a 2, DuckDB's hash is that of 1 and 1. */
export async function likeOne(engine: Engine): Promise<bigint> {
  const mix = (hash: bigint): bigint => ((hash ^ (hash >> 32n)) * FACTOR) % WORD;
  const one = await hashOf(engine, 1n);
  const other = unhash(one ^ mix(one) ^ mix(await hashOf(engine, 2n)));
  if ((await hashOf(engine, 2n, other)) !== (await hashOf(engine, 1n, 1n)))
    throw new Error('DuckDB hashes otherwise than this knows.');
  return other;
}
