import { exec } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { onTerminal, runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { documentOf, layerReport, runReport, verifyReport } from './report-shapes.ts';

const dir = useTempDir();
const SLOW_MS = 300_000;

const bytes = z.int().positive();
const demoReport = z.strictObject({
  folder: z.string(),
  days: z.array(
    z.strictObject({
      day: z.int(),
      at: z.iso.datetime(),
      csvBytes: bytes,
      run: z.int(),
      tables: runReport.shape.tables,
      layers: z.record(z.string(), layerReport),
    }),
  ),
  verified: verifyReport,
  sizes: z.record(z.string(), z.strictObject({ rows: z.int(), csv: bytes, snappy: bytes, zstd: bytes })),
  later: z.strictObject({ csv: bytes, changeFiles: bytes }),
  files: z.array(z.strictObject({ key: z.string(), bytes })),
  elapsedMs: z.int().positive(),
  next: z.array(z.string()),
});

test(
  'the demo runs three days, proves them, and every command that it suggests works; the next one replaces it',
  { timeout: SLOW_MS },
  async () => {
    const { exitCode, stdout, stderr } = await runCli(['demo', '--json', '--lake', 'my demo'], {
      cwd: dir(),
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const report = documentOf(stdout, demoReport);

    expect(report.days.map(({ day, run }) => [day, run])).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
    expect(report.days[0]?.tables['clientes']).toMatchObject({ operation: 'full-load', inserted: 4000 });
    for (const { tables } of report.days.slice(1)) {
      expect(tables['clientes']).toMatchObject({ operation: 'cdc' });
      for (const kind of ['inserted', 'updated', 'deleted'] as const)
        expect(tables['clientes']?.[kind]).toBeGreaterThan(0);
    }
    for (const { layers } of report.days) {
      expect(Object.keys(layers)).toHaveLength(11);
      for (const [name, { operation }] of Object.entries(layers))
        expect({ name, operation }).not.toMatchObject({
          operation: expect.stringMatching(/held|failed|skipped/),
        });
    }
    expect(report.days[0]?.layers['gold.monthly']).toMatchObject({ operation: 'created' });
    expect(report.verified).toMatchObject({ ok: true, runs: 3 });
    expect(Object.keys(report.verified.layers ?? {})).toHaveLength(11);
    expect(Object.keys(report.sizes)).toEqual(['clientes', 'produtos', 'transacoes', 'transacao_produto']);
    expect(report.files.map(({ key }) => key)).toContain('full-load/clientes.parquet');

    expect(report.next.length).toBeGreaterThan(3);
    expect(report.next[0]).toBe('cd "my demo"');
    const cwd = join(dir(), 'my demo');
    for (const line of report.next.slice(1)) {
      const shown = await promisify(exec)(line, { cwd });
      expect({ line, lines: shown.stdout.split('\n').length > 2 }).toEqual({ line, lines: true });
      const { stdout: document } = await promisify(exec)(`${line} --json`, { cwd });
      expect(z.looseObject({}).safeParse(JSON.parse(document)).success).toBe(true);
    }

    const again = await runCli(['run', '--json', '--config', join('my demo', 'igarape.json')], {
      cwd: dir(),
    });
    expect(JSON.parse(again.stdout)).toMatchObject({ run: null });

    // What a demo has made, another replaces.
    await writeFile(join(cwd, 'lake', 'stale.txt'), '');
    const replaced = await onTerminal(['demo', '--lake', 'my demo'], { cwd: dir() }).ended;
    expect(replaced.exitCode).toBe(0);
    expect(replaced.text).toContain('3 runs verified');
    expect((await readdir(join(cwd, 'lake'))).toSorted()).toEqual([
      '_igarape',
      'bronze',
      'cdc',
      'full-load',
      'gold',
      'silver',
    ]);
  },
);

describe('a folder that no demo made', () => {
  test('is left as it is', async () => {
    await mkdir(join(dir(), 'lake-demo'));
    await writeFile(join(dir(), 'lake-demo', 'thesis.txt'), 'years of work');
    const { exitCode, stderr } = await runCli(['demo'], { cwd: dir() });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('was left as it is');
    expect(stderr).toContain('--lake');
    expect(await readdir(join(dir(), 'lake-demo'))).toEqual(['thesis.txt']);
    expect(await readFile(join(dir(), 'lake-demo', 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  test('may be a file', async () => {
    await writeFile(join(dir(), 'notes'), 'x');
    const { exitCode, stdout } = await runCli(['demo', '--lake', 'notes', '--json'], { cwd: dir() });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE' } });
  });
});
