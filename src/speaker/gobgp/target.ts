/** Where a GoBGP daemon's gRPC API is: from our URL to gRPC's own words. */
import { CoreBgpError } from '../../model/errors.ts';

/** `host:port` or `unix:///path`, as gRPC names it. */
export function grpcTarget(url: string): string {
  const unix = /^gobgp\+unix:\/\/(\/.+)$/.exec(url)?.[1];
  if (unix !== undefined) return `unix://${unix}`;
  const tcp = /^gobgp:\/\/(\[[0-9a-fA-F:.]+\]|[^/:[\]]+):(\d{1,5})\/?$/.exec(url);
  if (tcp?.[1] !== undefined && tcp[2] !== undefined) return `${tcp[1]}:${tcp[2]}`;
  throw new CoreBgpError(
    'invalid',
    `"${url}" is no address of GoBGP; write gobgp://127.0.0.1:50051 or gobgp+unix:///run/gobgp.sock.`,
    { field: 'speaker.url' },
  );
}
