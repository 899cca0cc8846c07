/** What every endpoint gets, and what an endpoint is: a function from admitted input to output, or to a stream. */
import type { TSchema } from 'typebox';
import type { Endpoint, EndpointInput, EndpointLine, EndpointOutput } from '../contract/endpoint.ts';
import type { LineSlice } from '../contract/lists.ts';
import type { Inputs } from '../planning/inputs.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Store } from '../store/store.ts';
import type { CacheMessage } from './cached.ts';
import type { Pins } from './pins.ts';
import type { Slots } from './slots.ts';
import type { StatusHub } from './status-hub.ts';
import type { Turns } from './turns.ts';
import type { WatchCache } from './watch-cache.ts';

export interface ApiContext {
  /** With keys relative to CoreBGP's root. */
  readonly store: Store;
  readonly cache: WatchCache;
  /** The cache's records, decoded and indexed for decisions. */
  readonly inputs: Inputs;
  readonly turns: Turns;
  /** The status view of the watch. */
  readonly statuses: StatusHub;
  /** Lists that are being read in pages. */
  readonly pins: Pins;
  /** For lists that are being answered in lines. */
  readonly lineSlots: Slots;
  readonly clock: Clock;
  readonly log: Log;
  /** 128 random bits in hexadecimal. */
  readonly newId: () => string;
  /** Names this server in the store; another one after each start. */
  readonly serverId: string;
  readonly version: string;
}

/** An answer in lines, in the form that its adapter wants. Both throw at their first step what refuses the answer. */
export interface LinesOf<Row> {
  objects(signal: AbortSignal): AsyncGenerator<LineSlice<Row>, void>;
  texts(signal: AbortSignal): AsyncGenerator<LineTexts, void>;
}

/** The same slice with its lines as JSON, without their line breaks. */
export type LineTexts = Omit<LineSlice, 'rows'> & { readonly texts: readonly string[] };

export type EndpointFunction<E extends Endpoint> = E['output'] extends TSchema
  ? (context: ApiContext, input: EndpointInput<E>, signal: AbortSignal) => Promise<EndpointOutput<E>>
  : E['lines'] extends TSchema
    ? (context: ApiContext, input: EndpointInput<E>) => LinesOf<EndpointLine<E>>
    : (context: ApiContext, input: EndpointInput<E>, signal: AbortSignal) => AsyncGenerator<CacheMessage, void>;
