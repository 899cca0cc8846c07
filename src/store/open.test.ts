import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../runtime/clock.ts';
import { silentLog } from '../runtime/log.ts';
import { openStore } from './open.ts';

const options = { clock: systemClock, log: silentLog };
const { signal } = new AbortController();

describe('openStore', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'corebgp-open-'));
  });
  afterEach(() => {
    chmodSync(folder, 0o700);
    rmSync(folder, { recursive: true });
  });

  test.each(['postgres://x', 'model:', '/var/lib/corebgp', ''])('refuses %j and names what there is', async (url) => {
    await expect(openStore(url, options)).rejects.toMatchObject({
      code: 'invalid',
      field: 'store.url',
      message: expect.stringContaining('embedded:///'),
    });
  });

  test('refuses a relative folder', async () => {
    await expect(openStore('embedded://data', options)).rejects.toMatchObject({ code: 'invalid', field: 'store.url' });
  });

  test('makes the folder, for its owner only, and finds everything again', async () => {
    const url = `embedded://${folder}/a/b`;
    const store = await openStore(url, options);
    const { storeId } = await store.status(signal);
    await store.commit([], [{ op: 'put', key: 'a', value: '1' }], signal);
    await store.close();
    expect(statSync(`${folder}/a/b`).mode & 0o777).toBe(0o700);
    const again = await openStore(url, options);
    expect(await again.status(signal)).toEqual({ storeId, revision: 1 });
    expect((await again.get('a', signal)).entry?.value).toBe('1');
    await again.close();
  });

  test('refuses a store that is open already and names the process; lets it in afterwards', async () => {
    const url = `embedded://${folder}`;
    const store = await openStore(url, options);
    await expect(openStore(url, options)).rejects.toMatchObject({
      code: 'unavailable',
      field: 'store.url',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(await store.status(signal), 'the first one is undisturbed').toMatchObject({ revision: 0 });
    await store.close();
    await (await openStore(url, options)).close();
  });

  test('says which folder it cannot use, and what to do', async () => {
    writeFileSync(`${folder}/file`, '');
    await expect(openStore(`embedded://${folder}/file/below`, options)).rejects.toMatchObject({
      code: 'unavailable',
      field: 'store.url',
      message: expect.stringMatching(/data folder .*\/file\/below cannot be used: ENOTDIR.*choose another folder/),
    });
  });

  test('says so too when the folder is read-only for this user', async () => {
    chmodSync(folder, 0o555);
    const isRoot = process.getuid?.() === 0;
    // Root may write everywhere, so for once it is nobody.
    if (isRoot) process.seteuid?.(65_534);
    try {
      await expect(openStore(`embedded://${folder}`, options)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringContaining('EACCES'),
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  test('refuses a file that is no store of ours, and leaves it alone', async () => {
    writeFileSync(`${folder}/store.mdb`, 'something else\n'.repeat(1000));
    await expect(openStore(`embedded://${folder}`, options)).rejects.toMatchObject({
      code: 'unavailable',
      field: 'store.url',
      message: expect.stringContaining(folder),
    });
    expect(statSync(`${folder}/store.mdb`).size).toBe(15_000);
    rmSync(`${folder}/store.mdb`);
    await (await openStore(`embedded://${folder}`, options)).close();
  });
});
