/** One gobgpd over gRPC: finds out its generation once, speaks that codec, forgets both when the connection breaks. */
import { CoreBgpError } from '../../model/errors.ts';
import { type GrpcChannel, type Method, openChannel } from '../../runtime/grpc.ts';
import type { Codec } from './codec.ts';
import { grpcTarget } from './target.ts';
import { codecV3 } from './v3.ts';
import { codecV4 } from './v4.ts';

export interface GobgpConnection {
  unary<I, O>(method: (codec: Codec) => Method<I, O>, input: I, signal: AbortSignal): Promise<O>;
  /** The whole listing: all messages, or an error. */
  all<I, O>(method: (codec: Codec) => Method<I, O>, input: I, signal: AbortSignal): Promise<readonly O[]>;
  /** Message by message, for as long as the daemon lives; ends only by throwing or by leaving the loop. */
  forever<I, O>(
    method: (codec: Codec) => Method<I, O>,
    input: I,
    signal: AbortSignal,
  ): AsyncGenerator<O, never, undefined>;
  send<I, O>(
    method: (codec: Codec) => Method<I, O>,
    inputs: Iterable<I>,
    deadlineMs: number,
    signal: AbortSignal,
  ): Promise<O>;
  generation(): Codec['generation'] | undefined;
  close(): void;
}

/** Milliseconds. A listing may take long with 100k paths; nothing hangs for ever. */
const deadlines = { unary: 10_000, bulk: 120_000 } as const;

/**
 * Milliseconds between HTTP/2 pings to a daemon that may be on another machine. Must not be below 5 minutes: both
 * generations answer the fourth ping of 10 s with GOAWAY ("too many pings"), which breaks the event stream.
 */
const pingEvery = 310_000;

/**
 * @param url `gobgp://HOST:PORT` or `gobgp+unix:///PATH`.
 * @throws CoreBgpError `invalid` when the URL is neither.
 */
export function connectGobgp(url: string): GobgpConnection {
  const target = grpcTarget(url);
  const channel: GrpcChannel = openChannel({
    target,
    name: `GoBGP at ${url}`,
    ...(target.startsWith('unix:') ? {} : { keepaliveMs: pingEvery }),
  });
  let known: Codec | undefined;

  /** A daemon of the other generation answers GetBgp with UNIMPLEMENTED. */
  async function probe(signal: AbortSignal): Promise<Codec> {
    for (const codec of [codecV4, codecV3]) {
      try {
        await channel.unary(codec.getBgp, undefined, { deadlineMs: deadlines.unary, signal });
        return codec;
      } catch (error) {
        if (reasonOf(error) !== 'unimplemented') throw error;
      }
    }
    throw new CoreBgpError('unavailable', `What answers at ${url} is neither GoBGP 3 nor GoBGP 4. Check speaker.url.`);
  }

  async function codecNow(signal: AbortSignal): Promise<Codec> {
    if (known !== undefined) return known;
    // Callers at the same time probe each for himself: one's aborted signal must not fail the other's call.
    known = await probe(signal);
    return known;
  }

  /** After a break the daemon may have been replaced by one of the other generation. */
  function noticed(error: unknown): unknown {
    const broken = error instanceof CoreBgpError && error.code === 'unavailable';
    if (broken || reasonOf(error) === 'unimplemented') known = undefined;
    return error;
  }

  return {
    async unary(method, input, signal) {
      try {
        return await channel.unary(method(await codecNow(signal)), input, { deadlineMs: deadlines.unary, signal });
      } catch (error) {
        throw noticed(error);
      }
    },
    async all(method, input, signal) {
      try {
        const messages = [];
        const codec = await codecNow(signal);
        const limits = { deadlineMs: deadlines.bulk, signal };
        for await (const message of channel.serverStream(method(codec), input, limits)) messages.push(message);
        return messages;
      } catch (error) {
        throw noticed(error);
      }
    },
    async *forever(method, input, signal) {
      try {
        yield* channel.serverStream(method(await codecNow(signal)), input, { signal });
      } catch (error) {
        throw noticed(error);
      }
      throw noticed(
        new CoreBgpError('unavailable', `GoBGP at ${url} ended the event stream.`, { reason: 'streamEnded' }),
      );
    },
    async send(method, inputs, deadlineMs, signal) {
      try {
        const limits = { deadlineMs, signal };
        return await channel.clientStream(method(await codecNow(signal)), inputs, limits);
      } catch (error) {
        throw noticed(error);
      }
    },
    generation: () => known?.generation,
    close: () => channel.close(),
  };
}

function reasonOf(error: unknown): string | undefined {
  return error instanceof CoreBgpError ? error.reason : undefined;
}
