/** How a next hop is checked: the user's words, their defaults, and one canonical probe. */
import Type, { type Static } from 'typebox';
import { durationPattern } from './duration.ts';

const duration = (description: string) => Type.Optional(Type.String({ pattern: durationPattern, description }));
const port = Type.Integer({ minimum: 1, maximum: 65_535, description: 'TCP port of the probe.' });

const timing = {
  interval: duration('Time between probes of a decided next hop, at least 500ms. Default 2s.'),
  fastInterval: duration(
    'Time between probes while undecided, counted from the end of a probe, at least 100ms. Default 500ms.',
  ),
  timeout: duration('Most time a probe may take; below the interval. Default 1s.'),
  rise: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: 'Successes in a row until up. Default 2.' }),
  ),
  fall: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, description: 'Failures in a row until down. Default 3.' }),
  ),
  initial: Type.Optional(
    Type.Union([Type.Literal('down'), Type.Literal('up')], {
      description:
        'What a next hop that has never been decided counts as: down = not announced until seen healthy. Default down.',
    }),
  ),
};

export const statusPattern = '^[1-5]\\d\\d(-[1-5]\\d\\d)?$';

export const HttpCheck = Type.Object(
  {
    type: Type.Literal('http', { description: 'An HTTP request.' }),
    port,
    path: Type.Optional(
      Type.String({ pattern: '^/[\\x21-\\x7e]*$', maxLength: 2048, description: 'Request path. Default "/".' }),
    ),
    method: Type.Optional(Type.Union([Type.Literal('GET'), Type.Literal('HEAD')], { description: 'Default GET.' })),
    host: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9.:\\[\\]_-]{1,255}$',
        description: 'Host header. Default: the next hop. No name is ever resolved.',
      }),
    ),
    expect: Type.Optional(
      Type.Object(
        {
          status: Type.Optional(
            Type.Array(Type.String({ pattern: statusPattern, description: 'A status, or a range such as 200-399' }), {
              minItems: 1,
              maxItems: 16,
              description: 'Status codes or ranges. Default ["200-399"].',
            }),
          ),
          body: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 1024,
              description: 'Text the first 64 KiB of the body must contain.',
            }),
          ),
        },
        { description: 'What the answer has to be.', additionalProperties: false },
      ),
    ),
    ...timing,
  },
  {
    title: 'HttpCheck',
    description: 'Healthy while it answers an HTTP request as expected.',
    additionalProperties: false,
  },
);

export const TcpCheck = Type.Object(
  { type: Type.Literal('tcp', { description: 'A TCP connection.' }), port, ...timing },
  { title: 'TcpCheck', description: 'Healthy while it accepts a TCP connection.', additionalProperties: false },
);

export const HealthCheck = Type.Union([HttpCheck, TcpCheck], {
  title: 'HealthCheck',
  description: 'How each next hop is checked. Default: not at all, it always counts as healthy.',
});
export type HealthCheck = Static<typeof HealthCheck>;

/** When to probe and how to decide, all defaults filled in; milliseconds. */
export interface CheckTiming {
  readonly interval: number;
  readonly fastInterval: number;
  readonly timeout: number;
  readonly rise: number;
  readonly fall: number;
}

/** What one probe does, all defaults filled in. */
export type ProbeSpec =
  | {
      readonly type: 'http';
      readonly port: number;
      readonly path: string;
      readonly method: 'GET' | 'HEAD';
      /** Absent = the target's own address. */
      readonly host?: string;
      /** Inclusive ranges. */
      readonly status: readonly (readonly [number, number])[];
      readonly body?: string;
    }
  | { readonly type: 'tcp'; readonly port: number };

export const defaultTiming: CheckTiming = { interval: 2_000, fastInterval: 500, timeout: 1_000, rise: 2, fall: 3 };
