/** What a key, a prefix and a range of keys are, the same for every adapter. */
import { CoreBgpError } from '../model/errors.ts';

/** Longest key in bytes. */
const maxKeyBytes = 512;

/** Keys are printable ASCII without spaces, so that byte order, string order and etcd's order are one and the same. */
const keyText = /^[!-~]*$/;

/** Above every key that starts with the prefix, since no key holds this character. */
const aboveAll = '\x7f';

/** @throws CoreBgpError `invalid` unless it is 1 to 512 printable ASCII characters without spaces. */
export function checkKey(key: string): void {
  if (key === '') throw new CoreBgpError('invalid', 'A store key must not be empty.', { field: 'key' });
  checkPrefix(key);
}

/** Like a key, but may be empty: all keys. */
export function checkPrefix(prefix: string): void {
  if (prefix.length > maxKeyBytes) {
    throw new CoreBgpError('invalid', `A store key has at most ${maxKeyBytes} bytes, this one ${prefix.length}.`, {
      field: 'key',
    });
  }
  if (!keyText.test(prefix)) {
    throw new CoreBgpError('invalid', `A store key is printable ASCII without spaces: ${JSON.stringify(prefix)}.`, {
      field: 'key',
    });
  }
}

/** The first string behind every key with this prefix. */
export function endOfPrefix(prefix: string): string {
  return prefix + aboveAll;
}

/** Where a list begins: the prefix, or just behind `after` when that lies within it. */
export function startOfPage(prefix: string, after: string | undefined): string {
  // A space is below every character of a key, so this lies behind `after` and before the next key.
  return after === undefined || after < prefix ? prefix : `${after} `;
}
