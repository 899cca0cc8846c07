/** Optimistic writes: read, decide, commit on condition that what was read still holds; otherwise read again. */
import { CoreBgpError } from '../model/errors.ts';
import type { CommitResult, Condition, Operation } from '../store/store.ts';
import { collectionOf } from './cached.ts';
import type { ApiContext } from './context.ts';

/** An entry as a decision sees it. */
export interface Seen {
  readonly value: unknown;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly lease?: string;
}

/** Reads what a decision depends on. Every key a decision relies on must be among its conditions. */
export interface Reader {
  get(key: string): Promise<Seen | undefined>;
  /** All keys that start with the prefix; at least as new as what was read before. */
  list(prefix: string): Promise<ReadonlyMap<string, Seen>>;
}

/** What to write, and what must still hold then. Without operations nothing is committed. */
export interface Plan {
  readonly conditions: readonly Condition[];
  readonly operations: readonly Operation[];
}

const attempts = 6;

/**
 * Commits what `decide` plans, once. The first try reads the cache; whatever it can't settle (a refusal, nothing to do,
 * a condition that no longer holds) is decided again on the store itself. Resolves once the cache has the commit.
 * @param key what the write is about: writes of one key take turns within this server.
 * @throws CoreBgpError what `decide` throws on fresh data; `unavailable` when others are faster every time.
 */
export async function commitDecision<P extends Plan>(
  context: ApiContext,
  key: string,
  decide: (reader: Reader) => Promise<P>,
  signal: AbortSignal,
): Promise<{ readonly plan: P; readonly revision: number | undefined }> {
  return await context.turns.take([key], () => commitInTurn(context, key, decide, signal));
}

async function commitInTurn<P extends Plan>(
  context: ApiContext,
  key: string,
  decide: (reader: Reader) => Promise<P>,
  signal: AbortSignal,
): Promise<{ readonly plan: P; readonly revision: number | undefined }> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    signal.throwIfAborted();
    const cached = attempt === 0 && context.cache.isFresh();
    const plan = await decideWith(context, decide, cached, signal);
    if (plan === undefined) continue;
    if (plan.operations.length === 0) return { plan, revision: undefined };
    const result = await committed(context, key, plan, signal);
    if (!result.committed) continue;
    const removes = plan.operations.some((operation) => operation.key === key && operation.op === 'delete');
    context.log.info({ object: key, revision: result.revision }, removes ? 'deleted' : 'written');
    await context.cache.reached(result.revision, signal);
    return { plan, revision: result.revision };
  }
  throw contended('the same objects');
}

/** A commit that the store does not take was planned wrongly: no field that its caller gave is wrong. */
async function committed({ store }: ApiContext, key: string, plan: Plan, signal: AbortSignal): Promise<CommitResult> {
  try {
    return await store.commit(plan.conditions, plan.operations, signal);
  } catch (caught) {
    if (!(caught instanceof CoreBgpError) || caught.code !== 'invalid') throw caught;
    throw new CoreBgpError(
      'internal',
      `What belongs to this change of ${key} does not fit into one commit, so nothing was changed: ${caught.message}`,
      { cause: caught },
    );
  }
}

/** No `conflict`: the caller asked for no revision, and only has to come again. */
export function contended(what: string): CoreBgpError {
  return new CoreBgpError(
    'unavailable',
    `Others changed ${what} again and again meanwhile, so nothing was written; try again.`,
    { reason: 'contended', retryAfterMs: 1_000 },
  );
}

/** @returns undefined when the cache alone can't settle it. */
async function decideWith<P extends Plan>(
  context: ApiContext,
  decide: (reader: Reader) => Promise<P>,
  cached: boolean,
  signal: AbortSignal,
): Promise<P | undefined> {
  if (!cached) return decide(storeReader(context, signal));
  try {
    const plan = await decide(cacheReader(context));
    return plan.operations.length === 0 ? undefined : plan;
  } catch (error) {
    if (error instanceof CoreBgpError) return undefined;
    throw error;
  }
}

export function cacheReader({ cache }: ApiContext): Reader {
  return {
    get: async (key) => cache.get(key),
    list: async (prefix) => {
      const entries = [...cache.under(collectionOf(prefix))];
      return new Map(entries.filter(([key]) => key.startsWith(prefix)));
    },
  };
}

export function storeReader({ store }: ApiContext, signal: AbortSignal): Reader {
  return {
    get: async (key) => {
      const { entry } = await store.get(key, signal);
      return entry === null ? undefined : { ...entry, value: decodeJson(entry.value) };
    },
    list: async (prefix) => {
      const { entries } = await store.list(prefix, {}, signal);
      return new Map(entries.map((entry) => [entry.key, { ...entry, value: decodeJson(entry.value) }]));
    },
  };
}

/** What isn't JSON is null: no record. */
export function decodeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
