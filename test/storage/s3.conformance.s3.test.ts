import { afterAll, beforeAll } from 'vitest';
import type { StorageLocation } from '../../src/storage/location.ts';
import { openStorage } from '../../src/storage/open.ts';
import type { Storage } from '../../src/storage/port.ts';
import { describeWith } from '../support/external.ts';
import { S3_START_TIMEOUT_MS, type S3Server, seaweedfs, versitygw } from '../support/s3-server.ts';
import { useTempDir } from '../support/tmp.ts';
import { itIsAStorage, itListsAcrossFoldersInKeyOrder } from './conformance.ts';

const PROGRAMS = [
  { name: 'SeaweedFS', program: await seaweedfs(), extra: undefined },
  { name: 'versitygw', program: await versitygw(), extra: itListsAcrossFoldersInKeyOrder },
];

for (const { name, program, extra } of PROGRAMS) {
  describeWith(program, `a bucket of ${name}`, ({ start }) => {
    const dir = useTempDir();
    let server: S3Server;
    let location: StorageLocation;
    let lakes = 0;
    beforeAll(async () => {
      server = await start();
      location = await server.bucket('conformance');
    }, S3_START_TIMEOUT_MS);
    afterAll(() => server.stop());

    const open = async (): Promise<Storage> => {
      lakes += 1;
      return openStorage({ ...location, uri: `${location.uri}/lake ção/${lakes}` }, server.env);
    };
    itIsAStorage({ open, dir });
    extra?.({ open, dir });
  });
}
