import type { Static, TSchema } from 'typebox';
import { expect, test } from 'vitest';
import type { Endpoint } from '../contract/endpoint.ts';
import type { Endpoints } from '../contract/endpoints.ts';
import type { StreamMessage } from '../contract/stream.ts';
import type { CallOptions, Conditions } from './call-options.ts';
import type { CoreBgpCalls, StreamMessage as PrintedMessage } from './calls.ts';

/** The calls as the table's schemas give them to the compiler, without the printer. */
type Calls<Table> = {
  readonly [Key in keyof Table]: Table[Key] extends Endpoint
    ? (...options: Arguments<Options<Table[Key]>>) => Answer<Table[Key]>
    : Calls<Table[Key]>;
};
type Options<E extends Endpoint> = Static<E['params']> &
  Static<E['query']> &
  (E['body'] extends TSchema ? { body: Static<E['body']> } : unknown) &
  CallOptions;
type Arguments<Given> = Record<never, never> extends Given ? [options?: Given] : [options: Given];
type Answer<E extends Endpoint> = E['output'] extends TSchema
  ? Promise<Static<E['output']>>
  : E['lines'] extends TSchema
    ? AsyncGenerator<Static<E['lines']>, void>
    : AsyncIterable<PrintedMessage>;

/**
 * Interfaces, intersections and inferred types of one shape become the same type. Lost are `readonly`, and the
 * conditions of writes: whether a call has any is a value of the table, not a type.
 */
type Flat<T> = T extends AbortSignal
  ? T
  : T extends (...given: infer Given) => infer Result
    ? (...given: Flat<Given>) => Flat<Result>
    : T extends Promise<infer Value>
      ? Promise<Flat<Value>>
      : T extends AsyncGenerator<infer Line, void>
        ? AsyncGenerator<Flat<Line>, void>
        : T extends AsyncIterable<infer Message>
          ? AsyncIterable<Flat<Message>>
          : T extends readonly unknown[]
            ? { -readonly [Key in keyof T]: Flat<T[Key]> }
            : T extends object
              ? { -readonly [Key in keyof T as Exclude<Key, keyof Conditions>]: Flat<T[Key]> }
              : T;

/** Identical, not only assignable: a field that is optional, missing or wider on one side makes it false. */
type Same<A, B> = Probe<Flat<A>> extends Probe<Flat<B>> ? true : false;
type Probe<A> = <T>() => T extends A ? 1 : 2;

/** `none`, or the names of the calls and collections that differ, for the compiler's message. */
type Differing = { [Key in Names]: SameAt<Key> extends true ? never : Key }[Names];
type Names = keyof Endpoints | keyof CoreBgpCalls;
type SameAt<Key> = Key extends keyof Endpoints & keyof CoreBgpCalls
  ? Same<CoreBgpCalls[Key], Calls<Endpoints>[Key]>
  : false;

test('the printed calls have the types of the table, which the compiler proves', () => {
  const differing: [Differing] extends [never] ? 'none' : Differing = 'none';
  expect(differing).toBe('none');
});

test('the printed messages of the stream are those that mirrors read', () => {
  const same: Same<StreamMessage, PrintedMessage> = true;
  expect(same).toBe(true);
});
