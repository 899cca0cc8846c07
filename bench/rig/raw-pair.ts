/** Two gobgpd without CoreBGP, speaker and neighbour: what GoBGP alone takes. */

import { connectGobgp } from '../../src/speaker/gobgp/connection.ts';
import { pathMessage } from '../../src/speaker/gobgp/path-messages.ts';
import type { PathOperation } from '../../src/speaker/speaker.ts';
import { type GobgpGeneration, startGobgpd } from '../../test/servers/gobgpd.ts';
import { freePort } from '../../test/servers/places.ts';
import { never, until } from '../measure.ts';
import { watchRoutes } from './neighbour.ts';
import { asn, paths } from './resources.ts';

export interface RawPair {
  /** Milliseconds from the RPC of one withdrawal until the neighbour has lost the path; it is announced again afterwards. */
  withdrawOne(index: number): Promise<number>;
  close(): Promise<void>;
}

const mark = `${asn}:1:1`;
const pathsPerMessage = 1_000;

/** @param count paths that both hold all the time. */
export async function startRawPair(generation: GobgpGeneration, count: number): Promise<RawPair> {
  const [speakerAddress, neighbourAddress] = ['127.0.0.3', '127.0.0.4'];
  const speakerPort = await freePort(speakerAddress);
  const neighbour = await startGobgpd({
    generation,
    logLevel: 'warn',
    bgp: {
      asn,
      routerId: '192.0.2.4',
      listenAddress: neighbourAddress,
      neighbors: [{ address: speakerAddress, asn, port: speakerPort, passive: true }],
    },
  });
  const speaker = await startGobgpd({
    generation,
    logLevel: 'warn',
    bgp: {
      asn,
      routerId: '192.0.2.3',
      listenAddress: speakerAddress,
      listenPort: speakerPort,
      neighbors: [{ address: neighbourAddress, asn, port: neighbour.listenPort }],
    },
  });
  const connection = connectGobgp(speaker.url);
  const seen = watchRoutes(neighbour.url);
  const all = paths(count);
  const send = (operations: readonly PathOperation[]) =>
    connection.send((codec) => codec.addPathStream, inMessages(operations), 120_000, never);
  const close = async () => {
    await seen.close();
    connection.close();
    await Promise.all([speaker.close('SIGKILL'), neighbour.close('SIGKILL')]);
  };
  try {
    await send(all.map((path) => ({ op: 'announce', path })));
    await until('the raw neighbour has all paths', () => (seen.size >= count ? true : undefined));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    withdrawOne: async (index) => {
      const path = all[index];
      if (path === undefined) throw new Error(`there is no path ${index}`);
      const gone = seen.gone(path.prefix);
      const start = performance.now();
      await send([{ op: 'withdraw', path }]);
      const at = await gone;
      await send([{ op: 'announce', path }]);
      await seen.present(path.prefix);
      return at - start;
    },
    close,
  };
}

export function* inMessages(operations: readonly PathOperation[]) {
  for (let from = 0; from < operations.length; from += pathsPerMessage) {
    yield operations.slice(from, from + pathsPerMessage).map((operation) => pathMessage(operation, mark));
  }
}
