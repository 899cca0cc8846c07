/** Whether the server lives, and whether it can serve. */
import type { endpoints } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { withDeadline } from '../runtime/abort.ts';
import type { EndpointFunction } from './context.ts';
import { loadedPosition } from './loaded.ts';

/** A store that answers later than this is none to rely on. */
const storeAnswersWithinMs = 2_000;

export const healthz: EndpointFunction<typeof endpoints.healthz> = async () => ({ ok: true });

export const readyz: EndpointFunction<typeof endpoints.readyz> = async (context, _input, signal) => {
  const { revision } = loadedPosition(context);
  if (!context.cache.isFresh()) {
    throw new CoreBgpError('unavailable', "Not ready: the server's copy of the store is not up to date.", {
      retryAfterMs: 1_000,
    });
  }
  const { clock, store } = context;
  const { storeId } = await withDeadline(clock, storeAnswersWithinMs, 'asking the store', signal, (inner) =>
    store.status(inner),
  );
  return { ready: true, revision, storeId };
};

export const version: EndpointFunction<typeof endpoints.version> = async (context) => ({ version: context.version });
