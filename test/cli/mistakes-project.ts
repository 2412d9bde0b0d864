import { join } from 'node:path';
import { openLake, runOnce } from '../../src/index.ts';
import { writeFileAt } from '../support/write-file.ts';
import { openShop, publish } from './shop.ts';

/** A lake of one run, and configurations that are wrong, each in a way of its own. */
export async function openMistakes(dir: string): Promise<void> {
  await openShop(dir, { layers: ['bronze', 'silver'] });
  await publish(dir, 'clients', [
    { id: 1, name: 'Ana' },
    { id: 2, name: 'Bia' },
  ]);
  const put = async (name: string, content: string | object): Promise<void> =>
    writeFileAt(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
  await put('models/silver/clients.sql', '-- key: id\nSELECT * FROM bronze.clients');
  await runOnce(await openLake('igarape.json', { folder: dir, env: {} }));
  const source = { type: 'files', path: 'in' };
  const tables = [{ name: 'clients', pk: 'id' }];
  await put('text.json', 'no JSON');
  await put('cron.json', { source, tables, timer: { cron: '0 25 * * *' } });
  await put('bucket.json', { source, tables, lake: 's3://b/x' });
  await put('bucket-name.json', { source, tables, lake: 's3://Meu_Bucket/x' });
  await put('keys.json', { source, tabels: tables });
  await put('twice.json', { source, tables: [...tables, { name: 'Clients', pk: 'id' }] });
  await put('nested.json', { source, tables, lake: 'in/lake' });
  await put('moved.json', { source: { type: 'files', path: 'away' }, tables, lake: 'other-lake' });
  await put('other.json', { source: { type: 'files', path: 'models' }, tables, lake: 'lake' });
  await put('bad/silver/c.sql', '-- kee: id\nSELECT * FROM bronze.nix');
  await put('models.json', { source, tables, layers: ['bronze', 'silver'], models: 'bad' });
}
