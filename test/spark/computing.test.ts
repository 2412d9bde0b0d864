import { join } from 'node:path';
import { describe } from 'vitest';
import { useLayers } from '../support/layer-tables.ts';
import { useTempDir } from '../support/tmp.ts';
import { itComputes } from './computing.ts';

const dir = useTempDir();
const open = useLayers();

describe('DuckDB computes', () => {
  itComputes((name) => open(join(dir(), name.length.toString())), 60_000);
});
