import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { describeWith } from '../support/external.ts';
import { FakeKaggle } from '../support/fake-kaggle.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs } from '../support/s3-server.ts';
import { useTempDir } from '../support/tmp.ts';

const dir = useTempDir();
const TOKEN = 'kaggle-key-0123456789abcdef';

describeWith(await seaweedfs(), 'the earlier pipeline’s config.json with its .env', (program) => {
  let server: S3Server;
  let kaggle: FakeKaggle;
  beforeAll(async () => {
    server = await program.start();
    kaggle = await FakeKaggle.start();
  }, S3_START_TIMEOUT_MS);
  afterAll(async () => {
    await kaggle.close();
    await server.stop();
  });

  async function writeProject(bucket: string): Promise<void> {
    const config = {
      dataset_name: 'dono/loja',
      aws: { bucket, prefix: 'loyalty', region: server.region },
      timer: { unit: 'hours', value: 6 },
      cleanup: { enabled: true, keep_last_n_cdc_files: 5 },
      tables: [
        { name: 'clientes', sep: ';', pk: 'idCliente', date_field: 'DtAtualizacao' },
        { name: 'produtos', sep: ';', pk: 'IdProduto', date_field: '' },
      ],
    };
    const env = {
      KAGGLE_USERNAME: 'someone',
      KAGGLE_KEY: TOKEN,
      KAGGLE_API_ENDPOINT: kaggle.endpoint,
      AWS_ACCESS_KEY_ID: server.accessKey,
      AWS_SECRET_ACCESS_KEY: server.secretKey,
      AWS_ENDPOINT_URL: server.endpoint,
    };
    await writeFile(join(dir(), 'config.json'), JSON.stringify(config));
    await writeFile(
      join(dir(), '.env'),
      Object.entries(env)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
  }

  async function keys(bucket: string): Promise<string[]> {
    const listed = await server.client.send(new ListObjectsV2Command({ Bucket: bucket }));
    return (listed.Contents ?? []).map(({ Key }) => (Key ?? '').replace(/\d{8}_\d{6}/, 'TIME'));
  }

  test('feeds the bucket: full-load, then what changed; nothing where nothing did', async () => {
    const bucket = 'raw';
    await server.bucket(bucket);
    await writeProject(bucket);
    const clients = (rows: string): string => `idCliente;qtdePontos;DtAtualizacao\n${rows}`;
    const produtos = 'IdProduto;DescNomeProduto;DescDescricaoProduto\n1;Chá;\n2;Café;\n';
    const run = async (): Promise<{ tables: Record<string, object>; run: number | null }> => {
      const { exitCode, stdout, stderr } = await runCli(['run', '--json'], { cwd: dir() });
      expect(exitCode, stderr).toBe(0);
      expect(stderr + stdout).not.toContain(TOKEN);
      return JSON.parse(stdout) as { tables: Record<string, object>; run: number | null };
    };

    await kaggle.publish(1, {
      'clientes.csv': clients(
        'a;1;2025-10-01 00:00:00.000\nb;2;2025-10-01 00:00:00.000\nc;3;2025-10-01 00:00:00.000\nd;4;2025-10-01 00:00:00.000\n',
      ),
      'produtos.csv': produtos,
    });
    expect((await run()).tables).toMatchObject({
      clientes: { operation: 'full-load', inserted: 4 },
      produtos: { operation: 'full-load', inserted: 2 },
    });

    await kaggle.publish(2, {
      'clientes.csv': clients(
        'a;1;2025-10-01 00:00:00.000\nb;9;2025-10-02 00:00:00.000\nc;3;2025-10-01 00:00:00.000\ne;5;2025-10-02 00:00:00.000\n',
      ),
      'produtos.csv': produtos,
    });
    expect((await run()).tables).toMatchObject({
      clientes: { operation: 'cdc', inserted: 1, updated: 1, deleted: 1, unchanged: 2 },
      produtos: { operation: 'unchanged', unchanged: 2 },
    });
    expect(await run()).toMatchObject({ run: null, tables: { clientes: { operation: 'unchanged' } } });

    const published = (await keys(bucket)).filter((key) => !key.includes('/_igarape/'));
    expect(published).toEqual([
      'loyalty/cdc/clientes_TIME.parquet',
      'loyalty/full-load/clientes.parquet',
      'loyalty/full-load/produtos.parquet',
    ]);
    expect((await keys(bucket)).filter((key) => key.includes('staging'))).toEqual([]);
    const verified = await runCli(['verify', '--json'], { cwd: dir() });
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true });
  });

  test('says what to do about a bucket that is not there', async () => {
    await writeProject('no-such-bucket');
    await kaggle.publish(1, { 'clientes.csv': 'idCliente\na\n', 'produtos.csv': 'IdProduto\n1\n' });
    const { exitCode, stdout } = await runCli(['run', '--json'], { cwd: dir() });
    expect(exitCode).toBe(5);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'LAKE_NOT_FOUND' } });
  });
});
