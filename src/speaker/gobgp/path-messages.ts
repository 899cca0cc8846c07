/** Builds what is sent about a path. The only place where withdrawals are made, and it refuses to make a dangerous one. */
import type { PathAttributes } from '../../model/attributes.ts';
import { CoreBgpError } from '../../model/errors.ts';
import type { Path } from '../../model/path.ts';
import type { PathOperation } from '../speaker.ts';

const checked: unique symbol = Symbol('built by pathMessage');

/** Only `pathMessage` makes one. */
export interface PathMessage {
  readonly [checked]: true;
  readonly withdraw: boolean;
  readonly prefix: string;
  readonly length: number;
  readonly family: 'ipv4' | 'ipv6';
  readonly identifier: number;
  readonly nextHop: string;
  /** The mark is already among the large communities. */
  readonly attributes: PathAttributes;
}

/**
 * @throws CoreBgpError `internal` when prefix or identifier is missing. GoBGP takes a delete without a path as "all of
 * them", and answers OK to one without the identifier while removing nothing; DeletePath isn't even in our protocol files.
 */
export function pathMessage({ op, path }: PathOperation, mark: string): PathMessage {
  const [network = '', tail = ''] = path.prefix.split('/');
  const length = Number(tail);
  if (network === '' || tail === '' || !Number.isInteger(length)) throw refused(path, 'has no prefix');
  const { identifier } = path;
  if (!Number.isInteger(identifier) || identifier < 1 || identifier > 2 ** 31 - 1) {
    throw refused(path, 'has no identifier from 1 to 2147483647');
  }
  if (path.nextHop === '') throw refused(path, 'has no next hop');
  return {
    [checked]: true,
    withdraw: op === 'withdraw',
    prefix: network,
    length,
    family: network.includes(':') ? 'ipv6' : 'ipv4',
    identifier,
    nextHop: path.nextHop,
    attributes: { ...path.attributes, largeCommunities: [...path.attributes.largeCommunities, mark] },
  };
}

function refused(path: Path, why: string): CoreBgpError {
  return new CoreBgpError('internal', `Path ${JSON.stringify(path)} is not sent to the speaker: it ${why}.`);
}
