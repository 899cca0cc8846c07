/** Until access control exists: only loopback is listened on, and only requests that are meant for it are answered. */
import { CoreBgpError } from '../model/errors.ts';
import { parseAddress } from '../model/prefix.ts';
import { specialRangeOf } from '../model/special-range.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
}

/**
 * @param listen `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
 * @throws CoreBgpError `invalid`, field `api.listen`.
 */
export function parseListen(listen: string): ListenAddress {
  const refuse = (problem: string) => new CoreBgpError('invalid', problem, { field: 'api.listen' });
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(listen) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw refuse(`"${listen}" is no address to listen on; write host:port, as in "127.0.0.1:8080" or "[::1]:8080".`);
  }
  if (!isLoopback(host)) {
    throw refuse(
      `"${listen}" is not a loopback address. CoreBGP has no access control yet, so whoever reaches the API may do everything; listen on 127.0.0.1 or [::1].`,
    );
  }
  return { host: host === 'localhost' ? '127.0.0.1' : host, port };
}

/** `localhost`, 127.0.0.0/8, ::1. */
export function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost') return true;
  const parsed = parseAddress(host);
  return parsed.ok && specialRangeOf(parsed.value)?.kind === 'loopback';
}

/**
 * A page of some other site, in a browser on this machine, must not reach the API: neither by a name that it made
 * resolve to loopback, nor by a form or script that writes.
 * @throws CoreBgpError `forbidden`
 */
export function refuseForeign(method: string, host: string | undefined, origin: string | undefined): void {
  const name = hostName(host ?? '');
  if (name === undefined || !isLoopback(name)) {
    throw new CoreBgpError(
      'forbidden',
      `The Host header says "${host ?? ''}"; only localhost and loopback addresses are answered.`,
    );
  }
  if (origin === undefined || method === 'GET' || method === 'HEAD') return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new CoreBgpError('forbidden', `A page of "${origin}" may not write here.`);
}

function hostName(host: string): string | undefined {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(host) ?? [];
  return bracketed ?? plain;
}
