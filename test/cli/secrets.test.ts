import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { secretsOf } from '../../src/cli/secrets.ts';
import { runCli } from '../support/cli.ts';
import { useTempDir } from '../support/tmp.ts';
import { openShop, publish } from './shop.ts';

const dir = useTempDir();

test('credentials are found in the environment, in files that it names and in the files of Kaggle and AWS', async () => {
  const home = dir();
  await mkdir(join(home, '.kaggle'));
  await mkdir(join(home, '.aws'));
  await writeFile(join(home, 'token.txt'), 'token-in-a-named-file\n');
  await writeFile(join(home, '.kaggle', 'access_token'), 'access-token-file\n');
  await writeFile(join(home, '.kaggle', 'kaggle.json'), '{"username":"dono","key":"key-of-kaggle-json"}');
  await writeFile(
    join(home, '.kaggle', 'credentials.json'),
    '{"refresh_token":"refresh-of-kaggle","username":"dono"}',
  );
  await writeFile(
    join(home, '.aws', 'credentials'),
    '[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = secret-of-aws-file\n',
  );
  const env = {
    KAGGLE_API_TOKEN: join(home, 'token.txt'),
    KAGGLE_USERNAME: 'dona',
    KAGGLE_KEY: 'key-of-env',
    AWS_SECRET_ACCESS_KEY: 'secret-of-env',
    AWS_SESSION_TOKEN: 'session-of-env',
    AWS_WEB_IDENTITY_TOKEN_FILE: join(home, 'none'),
    AWS_REGION: 'sa-east-1',
    SPARK_REMOTE: 'sc://spark.example:443/;use_ssl=true;token=half%2Fother',
  };
  const found = await secretsOf(env, home);
  for (const secret of [
    'token-in-a-named-file',
    'access-token-file',
    'key-of-kaggle-json',
    'refresh-of-kaggle',
    'secret-of-aws-file',
    'key-of-env',
    'secret-of-env',
    'session-of-env',
    'half%2Fother',
    'half/other',
    Buffer.from('dona:key-of-env').toString('base64'),
    Buffer.from('dono:key-of-kaggle-json').toString('base64'),
  ]) {
    expect(found).toContain(secret);
  }
  for (const harmless of ['sa-east-1', 'dona', join(home, 'none')]) expect(found).not.toContain(harmless);
});

test('no secret of .env is in any output or log, though the source repeats it and its address holds one', async () => {
  const secrets = {
    KAGGLE_USERNAME: 'dono',
    KAGGLE_KEY: 'chave-muito-secreta',
    AWS_SECRET_ACCESS_KEY: 'segredo+da/aws',
    AWS_SESSION_TOKEN: 'sessao-da-aws',
  };
  const server = createServer((_request, response) => {
    response
      .writeHead(403, { 'content-type': 'text/plain' })
      .end(`refused: ${Object.values(secrets).join(' ')}`);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const config = {
    source: {
      type: 'http',
      url: `http://dono:senha-no-endereco@127.0.0.1:${port}/data.zip?X-Goog-Signature=assinatura`,
    },
  };
  await openShop(dir(), config);
  await publish(dir(), 'clients', [{ id: 1 }]);
  await writeFile(
    join(dir(), '.env'),
    Object.entries(secrets)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(''),
  );

  const all: string[] = [];
  for (const command of ['run', 'plan', 'verify']) {
    for (const json of [[], ['--json']]) {
      const { stdout, stderr, exitCode } = await runCli([command, ...json, '--log-level', 'debug'], {
        cwd: dir(),
      });
      expect(exitCode).toBeGreaterThan(1);
      all.push(stdout, stderr);
    }
  }
  all.push(await readFile(join(dir(), '.igarape', 'logs/igarape.log'), 'utf8'));
  const { KAGGLE_USERNAME: _user, ...hidden } = secrets;
  for (const secret of [...Object.values(hidden), 'senha-no-endereco', 'assinatura']) {
    expect(all.filter((text) => text.includes(secret))).toEqual([]);
  }
});

test('a configuration that holds a secret in the wrong place does not repeat it', async () => {
  await openShop(dir(), { aws_secret_access_key: 'segredo+da/aws' });
  await writeFile(join(dir(), '.env'), 'AWS_SECRET_ACCESS_KEY=segredo+da/aws\n');
  const { stdout, stderr, exitCode } = await runCli(['run'], { cwd: dir() });
  expect(exitCode).toBe(2);
  expect(stdout + stderr).not.toContain('segredo');
});
