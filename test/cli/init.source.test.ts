import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { init } from '../../src/cli/init/init.ts';
import { lookingInto } from '../../src/cli/init/look-into.ts';
import { zipOf } from '../support/archives.ts';
import { FakeKaggle } from '../support/fake-kaggle.ts';
import { useTempDir } from '../support/tmp.ts';
import { writeFileAt } from '../support/write-file.ts';
import { ScriptedPrompt } from './scripted-prompt.ts';

const dir = useTempDir();

async function startKaggle(): Promise<FakeKaggle> {
  const kaggle = await FakeKaggle.start();
  onTestFinished(async () => kaggle.close());
  return kaggle;
}

test('of a Kaggle data set the tables are offered with their keys and separators, before anything is typed', async () => {
  const kaggle = await startKaggle();
  await kaggle.publish(1, {
    'clientes.csv': 'idCliente;nome\n1;Ana\n2;Bia\n',
    'pasta/itens.csv': 'pedido,item\n1,1\n1,2\n2,1\n',
    'leia-me.pdf': '%PDF-1.4',
  });
  const prompt = new ScriptedPrompt(['kaggle', 'dono/loja', ['clientes'], null, null, 'never']);
  const env = { KAGGLE_API_ENDPOINT: kaggle.endpoint, HOME: dir() };
  const lookInto = lookingInto(env, () => undefined);
  const result = await init({ yes: false, directory: dir(), prompt, lookInto });
  expect(prompt.left).toBe(0);
  expect(result.tables).toEqual([{ name: 'clientes', pk: ['idCliente'] }]);
  // What was downloaded is there for the first run.
  expect(await readdir(join(dir(), '.igarape', 'source'))).not.toEqual([]);
});

test('where the source cannot be reached it is said why, and its tables are named by hand', async () => {
  const kaggle = await startKaggle();
  kaggle.authorization = 'Bearer other';
  await kaggle.publish(1, { 'clientes.csv': 'id\n1\n' });
  const answers = ['kaggle', 'dono/loja', 'clientes', 'id', ';', null, 'never'];
  const prompt = new ScriptedPrompt(answers);
  const env = { KAGGLE_API_ENDPOINT: kaggle.endpoint, HOME: dir() };
  const lookInto = lookingInto(env, () => undefined);
  const result = await init({ yes: false, directory: dir(), prompt, lookInto });
  expect(result.tables).toEqual([{ name: 'clientes', pk: ['id'] }]);
  expect(prompt.asked.join('\n')).toContain('Kaggle refused dono/loja (HTTP 401');
});

test('an archive that is named is taken as the source, without a question', async () => {
  await writeFileAt(join(dir(), 'loja.zip'), await zipOf({ 'clientes.csv': 'id;nome\n1;Ana\n2;Bia\n' }));
  const lookInto = lookingInto({}, () => undefined);
  const result = await init({ yes: true, directory: dir(), source: './loja.zip', lookInto });
  expect(result.source).toEqual({ type: 'files', path: './loja.zip' });
  expect(result.tables).toEqual([{ name: 'clientes', pk: ['id'] }]);
});
