/** Calls over one gRPC channel: unary, server stream, client stream; with deadlines, abort signals and CoreBGP's errors. */
import type { Writable } from 'node:stream';
import type { DescMessage, DescMethod, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { CallOptions, ChannelOptions, ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { CoreBgpError, type ErrorCode } from '../model/errors.ts';

/** One remote procedure: where it is and how its messages become bytes. `Input` and `Output` need not be wire messages. */
export interface Method<Input, Output> {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly encode: (input: Input) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Output;
}

/** The method as generated, optionally with codecs from and to the caller's own shapes. */
export function methodOf<
  I extends DescMessage,
  O extends DescMessage,
  Input = MessageInitShape<I>,
  Output = MessageShape<O>,
>(
  method: DescMethod & { readonly input: I; readonly output: O },
  encode: (input: Input) => MessageInitShape<I>,
  decode: (output: MessageShape<O>) => Output,
): Method<Input, Output> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    encode: (input) => toBinary(method.input, create(method.input, encode(input))),
    decode: (bytes) => decode(fromBinary(method.output, bytes)),
  };
}

export interface CallLimits {
  /** Milliseconds after which the call fails with `timeout`; absent = only the signal ends it. */
  readonly deadlineMs?: number;
  readonly signal: AbortSignal;
}

export interface GrpcChannel {
  unary<I, O>(method: Method<I, O>, input: I, limits: CallLimits): Promise<O>;
  /** Ends when the server ends it with OK; throws on everything else. Leaving the loop cancels the call. */
  serverStream<I, O>(method: Method<I, O>, input: I, limits: CallLimits): AsyncGenerator<O, void, undefined>;
  /** Sends one input after another as fast as the server takes them; resolves with its answer. */
  clientStream<I, O>(method: Method<I, O>, inputs: Iterable<I>, limits: CallLimits): Promise<O>;
  /** Cancels calls under way (`unavailable`) and closes the connection. */
  close(): void;
}

export interface ChannelSettings {
  /** `host:port` or `unix:///path`. */
  readonly target: string;
  /** What is called, for messages: `GoBGP at unix:///run/gobgp.sock`. */
  readonly name: string;
  /** Milliseconds between HTTP/2 pings while a call is under way; absent = none. */
  readonly keepaliveMs?: number;
  /** Milliseconds to wait for the answer to a ping. Default 10,000. */
  readonly keepaliveTimeoutMs?: number;
}

const largestMessage = 64 * 1024 * 1024;

/** Opens lazily with the first call; connects again after a loss, every 100 ms at first and every 0.5 s at last: who waits longer adds to an outage. */
export function openChannel({ target, name, keepaliveMs, keepaliveTimeoutMs = 10_000 }: ChannelSettings): GrpcChannel {
  const options: ChannelOptions = {
    'grpc.max_receive_message_length': largestMessage,
    'grpc.max_send_message_length': largestMessage,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 500,
    'grpc.enable_retries': 0,
    // A subchannel shared with another channel to the same target would not close with this one.
    'grpc.use_local_subchannel_pool': 1,
    ...(keepaliveMs === undefined
      ? {}
      : { 'grpc.keepalive_time_ms': keepaliveMs, 'grpc.keepalive_timeout_ms': keepaliveTimeoutMs }),
  };
  const client = new Client(target, credentials.createInsecure(), options);
  const underWay = new Set<{ cancel(): void }>();

  /** Ties a call to the signal and to close(); the result undoes both. */
  function track(call: { cancel(): void }, signal: AbortSignal): () => void {
    const cancel = (): void => call.cancel();
    underWay.add(call);
    signal.addEventListener('abort', cancel, { once: true });
    return () => {
      underWay.delete(call);
      signal.removeEventListener('abort', cancel);
    };
  }

  return {
    async unary(method, input, { deadlineMs, signal }) {
      signal.throwIfAborted();
      return await new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(
          method.path,
          encoder(method),
          boxed(method),
          input,
          new Metadata(),
          callOptions(deadlineMs),
          (error, output) => {
            untrack();
            if (error === null && output !== undefined) resolve(output.message);
            else reject(callError(error, method.path, name, signal));
          },
        );
        const untrack = track(call, signal);
      });
    },

    async *serverStream(method, input, { deadlineMs, signal }) {
      signal.throwIfAborted();
      const call = client.makeServerStreamRequest(
        method.path,
        encoder(method),
        boxed(method),
        input,
        new Metadata(),
        callOptions(deadlineMs),
      );
      const untrack = track(call, signal);
      try {
        yield* messagesOf(call);
      } catch (error) {
        throw callError(error, method.path, name, signal);
      } finally {
        untrack();
        // cancel() is reported as an `error` event that nobody awaits any more.
        call.on('error', ignoreCancellation);
        call.cancel();
      }
    },

    async clientStream(method, inputs, { deadlineMs, signal }) {
      signal.throwIfAborted();
      const { promise, resolve, reject } = settler<OutputOf<typeof method>>();
      let ended = false;
      const call = client.makeClientStreamRequest(
        method.path,
        encoder(method),
        boxed(method),
        new Metadata(),
        callOptions(deadlineMs),
        (error, output) => {
          ended = true;
          if (error === null && output !== undefined) resolve(output.message);
          else reject(callError(error, method.path, name, signal));
        },
      );
      const untrack = track(call, signal);
      // The callback tells of every failure; without a listener a write after the end would throw where nobody waits.
      call.on('error', ignoreCancellation);
      promise.catch(ignoreCancellation);
      try {
        for (const input of inputs) {
          if (ended) break;
          if (!call.write(input)) await Promise.race([drained(call), promise]);
        }
        call.end();
        return await promise;
      } catch (error) {
        call.cancel();
        throw error;
      } finally {
        untrack();
      }
    },

    close() {
      for (const call of underWay) call.cancel();
      client.close();
    },
  };
}

type OutputOf<M> = M extends Method<infer _I, infer O> ? O : never;

function encoder<I, O>(method: Method<I, O>): (input: I) => Buffer {
  return (input) => {
    const bytes = method.encode(input);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

/** What a method decodes to may be undefined, which Node's streams and grpc-js would take for "nothing". */
function boxed<I, O>(method: Method<I, O>): (bytes: Uint8Array) => { readonly message: O } {
  return (bytes) => ({ message: method.decode(bytes) });
}

function callOptions(deadlineMs: number | undefined): CallOptions {
  return deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs };
}

async function* messagesOf<O>(call: ClientReadableStream<{ readonly message: O }>): AsyncGenerator<O, void, undefined> {
  const boxes: AsyncIterable<{ readonly message: O }> = call;
  for await (const { message } of boxes) yield message;
}

function settler<T>(): {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** Resolves when the stream takes more or is over; leaves no listener behind. */
function drained(call: Writable): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      for (const event of ['drain', 'close', 'error', 'finish']) call.removeListener(event, over);
      resolve();
    };
    for (const event of ['drain', 'close', 'error', 'finish']) call.once(event, over);
  });
}

function ignoreCancellation(): void {}

const codes: Readonly<Partial<Record<status, ErrorCode>>> = {
  [status.INVALID_ARGUMENT]: 'invalid',
  [status.DEADLINE_EXCEEDED]: 'timeout',
  [status.NOT_FOUND]: 'notFound',
  [status.ALREADY_EXISTS]: 'alreadyExists',
  [status.PERMISSION_DENIED]: 'forbidden',
  [status.UNAUTHENTICATED]: 'unauthenticated',
  [status.RESOURCE_EXHAUSTED]: 'limited',
  [status.FAILED_PRECONDITION]: 'conflict',
  [status.ABORTED]: 'conflict',
  [status.UNAVAILABLE]: 'unavailable',
  [status.CANCELLED]: 'unavailable',
};

/** `reason` is the gRPC status name in camel case: `unimplemented`, `unknown`, `outOfRange`, … */
function callError(caught: unknown, path: string, name: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (!isServiceError(caught)) {
    if (caught instanceof CoreBgpError) return caught;
    const message = caught instanceof Error ? caught.message : 'the call ended without an answer';
    return new CoreBgpError('internal', `${path} of ${name}: ${message}`, { cause: caught ?? undefined });
  }
  const reason = (status[caught.code] ?? 'unknown')
    .toLowerCase()
    .replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return new CoreBgpError(codes[caught.code] ?? 'internal', `${path} of ${name}: ${caught.details}`, {
    reason,
    cause: caught,
  });
}

function isServiceError(caught: unknown): caught is ServiceError {
  return caught instanceof Error && 'code' in caught && typeof caught.code === 'number' && 'details' in caught;
}
