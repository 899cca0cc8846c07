/** The lmdb file: its tables, opened so that a transaction's promise resolves only when it is on the disk. */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { type Database, open, type RootDatabase } from 'lmdb';
import { CoreBgpError } from '../../model/errors.ts';
import { decodeHead, encodeHead, type Head } from './records.ts';

export interface Tables {
  readonly root: RootDatabase<string, string>;
  /** key → entry */
  readonly entries: Database<string, string>;
  /** revision → its changes */
  readonly log: Database<string, number>;
  /** lease → its life in milliseconds */
  readonly leases: Database<string, string>;
  /** `<lease> <key>` → nothing: which keys vanish with a lease */
  readonly leaseKeys: Database<string, string>;
  /** Within a transaction: as this left it. Else: what is durable. */
  head(): Head;
  writeHead(head: Head): void;
}

/** Where lmdb-js keeps LMDB's magic number, in the machine's byte order; every machine we run on is little-endian. */
const magic = { offset: 24, value: 0xbeefc0de };

/** lmdb-js kills the process (signal 11) when the file is something else, so we look first. */
function checkMagic(path: string): void {
  if (!existsSync(path)) return;
  const head = Buffer.alloc(magic.offset + 4);
  const file = openSync(path, 'r');
  const length = readSync(file, head);
  closeSync(file);
  if (length === 0 || (length === head.length && head.readUInt32LE(magic.offset) === magic.value)) return;
  throw new CoreBgpError('unavailable', `${path} is not a CoreBGP store; move it away, or choose another folder.`, {
    field: 'store.url',
  });
}

/** Of a meta page, from its magic number: bytes of a page, number of the last one in use, number of its transaction. */
const metaPage = { pageSize: 24, lastPage: 120, transaction: 128, bytes: 136 };
/** Pages that were taken and given back within one transaction may never have been written at the file's end. */
const unwrittenPages = 64;

/** Reading a page behind the end of the file kills the process (SIGBUS), so a file that was cut is found out before. */
function checkLength(path: string): void {
  if (!existsSync(path) || statSync(path).size === 0) return;
  const { size } = statSync(path);
  const first = Buffer.alloc(magic.offset + metaPage.bytes);
  const second = Buffer.alloc(magic.offset + metaPage.bytes);
  const file = openSync(path, 'r');
  readSync(file, first, 0, first.length, 0);
  const pageSize = first.readUInt32LE(magic.offset + metaPage.pageSize);
  readSync(file, second, 0, second.length, pageSize);
  closeSync(file);
  const number = (page: Buffer, offset: number) => Number(page.readBigUInt64LE(magic.offset + offset));
  const newer = number(second, metaPage.transaction) > number(first, metaPage.transaction) ? second : first;
  const pages = number(newer, metaPage.lastPage) + 1;
  const there = Math.floor(size / pageSize);
  if (there >= 2 && pages - there <= unwrittenPages && there * 2 > pages) return;
  throw new CoreBgpError(
    'unavailable',
    `The store in ${path} is damaged: it has ${size} bytes and should have ${pages * pageSize}. Restore it from a backup, or move it away to begin with an empty one.`,
    { field: 'store.url' },
  );
}

/** Throws what lmdb throws; the caller words it. */
export async function openTables(folder: string, newId: () => string): Promise<Tables> {
  const path = `${folder}/store.mdb`;
  checkMagic(path);
  checkLength(path);
  const root = open<string, string>({
    path,
    noSubdir: true,
    encoding: 'string',
    // Without this lmdb-js tells of a commit when it is visible, and syncs later: an acknowledged write could be lost.
    overlappingSync: false,
    // With it, lmdb-js makes a promise of its own a turn, and nobody can catch its rejection when the disk is full.
    eventTurnBatching: false,
    maxReaders: 64,
  });
  try {
    const entries = root.openDB<string, string>('entries', { encoding: 'string' });
    const log = root.openDB<string, number>('log', { encoding: 'string' });
    const leases = root.openDB<string, string>('leases', { encoding: 'string' });
    const leaseKeys = root.openDB<string, string>('lease-keys', { encoding: 'string' });
    const meta = root.openDB<string, string>('meta', { encoding: 'string' });
    const writeHead = (head: Head) => {
      meta.put('head', encodeHead(head));
    };
    const found = meta.get('head');
    if (found === undefined) {
      const head: Head = { format: 1, storeId: newId(), revision: 0, compacted: 0, logSize: 0 };
      await root.childTransaction(() => writeHead(head));
    } else {
      const { format }: { format: unknown } = decodeHead(found);
      if (format !== 1) {
        throw new CoreBgpError(
          'invalid',
          `The store in ${folder} has format ${format}, this version of CoreBGP reads format 1; use a newer one.`,
          { field: 'store.url' },
        );
      }
    }
    const head = () => {
      const record = meta.get('head');
      if (record === undefined) throw new CoreBgpError('internal', `The store in ${folder} has lost its head record.`);
      return decodeHead(record);
    };
    return { root, entries, log, leases, leaseKeys, head, writeHead };
  } catch (error) {
    await root.close();
    throw error;
  }
}
