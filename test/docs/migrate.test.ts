import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'jsonc-parser';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { callCli } from '../support/call-cli.ts';
import { FakeKaggle } from '../support/fake-kaggle.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';
import { fencesOf } from './fences.ts';

const dir = useTempDir();
const earlier = {
  dataset_name: 'dono/loja',
  timer: { unit: 'hours', value: 6 },
  cleanup: { enabled: true, keep_last_n_cdc_files: 5 },
  tables: [{ name: 'clientes', sep: ';', pk: 'idCliente', date_field: 'DtAtualizacao' }],
};
const ROOT = join(import.meta.dirname, '../..');
const packageForm = z.object({ version: z.string() });
const form = z.object({ layout: z.literal('nested'), compat: z.literal('op') });

test.each(['docs/migrate.md', 'docs/migrate.pt-BR.md'])('the steps of %s do what it says', async (page) => {
  const fences = fencesOf(readFileSync(join(ROOT, page), 'utf8'));
  const [first, ...then] = fences
    .filter(({ info }) => info === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .flatMap((line) => /^igarape (.*)/.exec(line)?.[1]?.split(' ') ?? []);
  const shown: unknown = parse(fences.find(({ info }) => info === 'jsonc')?.text ?? '');
  const { version } = packageForm.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  const [onWindows = ''] = fences.filter(({ info }) => info === 'powershell').map(({ text }) => text);
  const installed = /npm install \S*\\(\S+\.tgz)/.exec(onWindows)?.[1];
  expect(installed).toBe(`igarape-${version}.tgz`);
  const called = [...onWindows.matchAll(/npx igarape (.*)/g)].map(([, command]) => command);
  expect(called).toEqual(['doctor', 'run']);
  const readme = fencesOf(readFileSync(join(ROOT, 'README.md'), 'utf8')).filter(
    ({ info }) => info === 'sh run',
  );
  const [install = ''] = fences.find(({ info }) => info === 'sh')?.text.split('\n') ?? [];
  expect(readme.map(({ text }) => text.trim())).toContain(install.replace(/\s+#.*/, ''));
  const kaggle = await FakeKaggle.start();
  onTestFinished(async () => kaggle.close());
  const publish = async (version: number, points: number): Promise<void> =>
    kaggle.publish(version, {
      'clientes.csv': `idCliente;pontos;DtAtualizacao\na;${points};2025-01-0${version}\n`,
    });
  await publish(1, 5);
  await writeFileAt(join(dir(), '.env'), `KAGGLE_API_ENDPOINT=${kaggle.endpoint}\n`);
  await writeFileAt(join(dir(), 'old/cdc/clientes/clientes_20251004_095645.parquet'), 'of another program');
  const configure = async (config: object): Promise<void> =>
    writeFileAt(join(dir(), 'config.json'), JSON.stringify({ ...earlier, ...config }));

  await configure({ lake: 'old' });
  const doctor = await callCli([first ?? ''], dir());
  expect(doctor).toMatchObject({
    exitCode: 5,
    stdout: expect.stringMatching(/^wrong +ledger +.*igarape did not write/m),
  });
  await configure({ lake: 'new', ...form.parse(shown) });
  expect(then).toEqual(['plan', 'run', 'verify']);
  for (const command of then) expect(await callCli([command], dir())).toMatchObject({ exitCode: 0 });
  expect(await readdir(join(dir(), 'new/full-load/clientes'))).toEqual(['clientes.parquet']);
  await publish(2, 7);
  expect(await callCli(['run'], dir())).toMatchObject({ exitCode: 0 });
  expect(await readdir(join(dir(), 'new/cdc/clientes'))).toHaveLength(1);
  const query = await callCli(['query', 'SELECT op, pontos FROM cdc.clientes', '--format', 'jsonl'], dir());
  expect(query.exitCode).toBe(0);
});
