/** A GoBGP daemon of either generation as a `Speaker`. */
import type { PathAttributes } from '../../model/attributes.ts';
import type { Path } from '../../model/path.ts';
import { families } from '../../model/prefix.ts';
import { markOf, nameHashIn } from '../mark.ts';
import type { PathOperation, Speaker, SpeakerEvent, SpeakerIdentity } from '../speaker.ts';
import type { SeenPath } from './codec.ts';
import { connectGobgp } from './connection.ts';
import { type PathMessage, pathMessage } from './path-messages.ts';
import { addOwnPeer, deleteOwnPeer, listOwnPeers, updateOwnPeer } from './peers.ts';
import { ensurePolicies } from './policies.ts';

/** Paths in one message of AddPathStream: far below gRPC's 4 MB even when each carries all the communities it may. */
const pathsPerMessage = 1_000;

/** Milliseconds for a stream of changes: some, and a lavish one for each path. */
const applyDeadline = { base: 10_000, each: 1 } as const;

/**
 * Connects lazily: nothing is sent before the first call.
 * @param url `gobgp://HOST:PORT` or `gobgp+unix:///PATH`.
 * @throws CoreBgpError `invalid` when the URL is neither.
 */
export function openGobgpSpeaker(url: string, identity: SpeakerIdentity): Speaker {
  const connection = connectGobgp(url);
  const mark = markOf(identity);
  const oneAtATime = queue();

  return {
    global: (signal) => connection.unary((codec) => codec.getBgp, undefined, signal),
    async start(signal) {
      await connection.unary((codec) => codec.startBgp, identity, signal);
    },
    ensurePolicies: (signal) => oneAtATime(() => ensurePolicies(connection, identity, signal), signal),

    async list(signal) {
      const gathered = emptyPicture();
      for (const family of families) {
        for (const paths of await connection.all((codec) => codec.listPath, family, signal)) {
          for (const path of paths) gather(path, mark, gathered);
        }
      }
      const { own, unreadable, otherMarks, foreign } = gathered;
      return { own, unreadable, otherMarks: [...otherMarks], foreign };
    },

    count: (family, signal) => connection.unary((codec) => codec.countPaths, family, signal),

    async apply(operations, signal) {
      if (operations.length === 0) return;
      const deadlineMs = applyDeadline.base + applyDeadline.each * operations.length;
      await connection.send((codec) => codec.addPathStream, messages(operations, mark), deadlineMs, signal);
    },

    async *watch(signal): AsyncGenerator<SpeakerEvent, never, undefined> {
      for await (const events of connection.forever((codec) => codec.watchEvent, undefined, signal)) {
        for (const event of events) {
          yield event.type === 'peer'
            ? event
            : { type: 'path', prefix: event.path.prefix, own: isOwn(event.path, mark) };
        }
      }
      throw new Error('unreachable: the stream ends by throwing');
    },

    listPeers: (signal) => listOwnPeers(connection, signal),
    addPeer: (name, spec, restarting, signal) =>
      oneAtATime(() => addOwnPeer(connection, identity, name, spec, restarting, signal), signal),
    updatePeer: (name, spec, signal) =>
      oneAtATime(() => updateOwnPeer(connection, identity, name, spec, signal), signal),
    deletePeer: (name, address, signal) =>
      oneAtATime(() => deleteOwnPeer(connection, identity, name, address, signal), signal),

    generation: () => connection.generation(),
    close: () => connection.close(),
  };
}

interface Gathered {
  readonly own: Path[];
  readonly unreadable: string[];
  readonly otherMarks: Set<string>;
  foreign: number;
  /** Attributes with the mark → without it: paths that share the one share the other. */
  readonly unmarked: Map<PathAttributes, PathAttributes>;
}

function emptyPicture(): Gathered {
  return { own: [], unreadable: [], otherMarks: new Set(), foreign: 0, unmarked: new Map() };
}

function isOwn(path: SeenPath, mark: string): boolean {
  return path.local && path.largeCommunities.includes(mark);
}

function gather(path: SeenPath, mark: string, into: Gathered): void {
  if (!path.local) return;
  for (const community of path.largeCommunities) {
    const hash = community === mark ? undefined : nameHashIn(community);
    if (hash !== undefined) into.otherMarks.add(hash);
  }
  if (!isOwn(path, mark)) {
    into.foreign += 1;
    return;
  }
  const content = path.content();
  const problem = 'problem' in content ? content.problem : path.identifier === 0 ? 'it has no identifier' : undefined;
  if ('problem' in content || problem !== undefined) {
    into.unreadable.push(`${path.prefix}#${path.identifier}: ${problem}`);
    return;
  }
  const { nextHop, attributes } = content;
  let unmarked = into.unmarked.get(attributes);
  if (unmarked === undefined) {
    const largeCommunities = attributes.largeCommunities.filter((community) => community !== mark);
    unmarked = { ...attributes, largeCommunities };
    into.unmarked.set(attributes, unmarked);
  }
  into.own.push({ prefix: path.prefix, nextHop, identifier: path.identifier, attributes: unmarked });
}

function* messages(operations: readonly PathOperation[], mark: string): Generator<readonly PathMessage[]> {
  for (let from = 0; from < operations.length; from += pathsPerMessage) {
    yield operations.slice(from, from + pathsPerMessage).map((operation) => pathMessage(operation, mark));
  }
}

/** Peers and policies share the neighbour sets, so that only one of them is changed at a time. */
function queue(): <T>(task: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task, signal) => {
    const run = last.then(() => {
      signal.throwIfAborted();
      return task();
    });
    // Whoever asked gets the error from `run`; the next in the queue must not.
    last = run.catch(() => undefined);
    return run;
  };
}
