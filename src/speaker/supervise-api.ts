/** Where the gRPC API of a supervised gobgpd is, and whether it is there. */
import { connect } from 'node:net';
import { grpcTarget } from './gobgp/target.ts';

/** Where its gRPC API is: as a URL, as gobgpd's own flag wants it, and as node:net does. */
export interface Api {
  readonly url: string;
  readonly host: string;
  readonly at: { readonly path: string } | { readonly path?: undefined; readonly host: string; readonly port: number };
}

export function apiOf(url: string): Api {
  const host = grpcTarget(url);
  if (host.startsWith('unix://')) return { url, host, at: { path: host.slice('unix://'.length) } };
  const colon = host.lastIndexOf(':');
  const name = host.slice(0, colon).replace(/^\[|\]$/g, '');
  return { url, host, at: { host: name, port: Number(host.slice(colon + 1)) } };
}

/** Whether somebody takes connections there. */
export function accepts({ at }: Api): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(at.path === undefined ? at : { path: at.path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
