/** A proxy between a client and a real gRPC server that counts calls by method, and can cut every connection. */
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { grpcTarget } from '../../src/speaker/gobgp/target.ts';
import { freePort } from '../servers/places.ts';

export interface GrpcProxy {
  /** `gobgp://127.0.0.1:PORT`. */
  readonly url: string;
  /** Method name (`ListPath`) → calls since the start or the last `reset()`, in the order of their first call. */
  readonly calls: ReadonlyMap<string, number>;
  reset(): void;
  /** Breaks every connection on both sides; new ones are accepted. */
  cut(): void;
  close(): Promise<void>;
}

/** Methods of GoBGP that change something. */
export function isWritingCall(method: string): boolean {
  return !/^(Get|List|Watch)/.test(method);
}

/** @param targetUrl `gobgp://HOST:PORT` or `gobgp+unix:///PATH`. */
export async function startGrpcProxy(targetUrl: string): Promise<GrpcProxy> {
  const target = grpcTarget(targetUrl);
  const calls = new Map<string, number>();
  const sessions = new Set<ServerHttp2Session | ClientHttp2Session>();
  const track = (session: ServerHttp2Session | ClientHttp2Session): void => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    session.on('error', () => sessions.delete(session));
  };

  const server = createServer();
  server.on('session', (downstream) => {
    track(downstream);
    const upstream = connectTo(target);
    track(upstream);
    downstream.once('close', () => upstream.destroy());
    upstream.once('close', () => downstream.destroy());
    upstream.once('error', () => downstream.destroy());
    downstream.on('stream', (stream, headers) => {
      const method = String(headers[':path']).split('/').pop() ?? '';
      calls.set(method, (calls.get(method) ?? 0) + 1);
      forward(stream, headers, upstream);
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const cut = (): void => {
    for (const session of sessions) session.destroy();
  };
  return {
    url: `gobgp://127.0.0.1:${port}`,
    calls,
    reset: () => calls.clear(),
    cut,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}

function connectTo(target: string): ClientHttp2Session {
  const path = /^unix:\/\/(.+)$/.exec(target)?.[1];
  return path === undefined
    ? connect(`http://${target}`)
    : connect('http://localhost', { createConnection: () => connectSocket(path) });
}

type Headers = Parameters<ClientHttp2Session['request']>[0];

function forward(stream: ServerHttp2Stream, headers: Headers, upstream: ClientHttp2Session): void {
  const call = upstream.request(headers, { endStream: false });
  let trailers: Headers;
  call.on('response', (answer, flags) => {
    if (stream.destroyed) return;
    // "Trailers only": an error without a body.
    if (flags & constants.NGHTTP2_FLAG_END_STREAM) stream.respond(answer, { endStream: true });
    else stream.respond(answer, { waitForTrailers: true });
  });
  call.on('trailers', (late) => {
    trailers = late;
  });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
  const abandon = (from: { readonly rstCode?: number | undefined }, to: ServerHttp2Stream | typeof call) => () => {
    if (!to.destroyed) to.close(from.rstCode || constants.NGHTTP2_CANCEL);
  };
  stream.on('error', abandon(stream, call));
  call.on('error', abandon(call, stream));
  stream.on('aborted', abandon(stream, call));
  call.on('aborted', abandon(call, stream));
  stream.pipe(call);
  call.pipe(stream);
}
