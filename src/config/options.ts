/** Every option of CoreBGP once: its key, schema, default, and the sentence that documents it. Variable and flag follow from the key. */
import Type, { type Static, type TSchema } from 'typebox';
import { durationPattern } from '../model/duration.ts';
import { oneOf } from '../model/one-of.ts';
import { Name } from '../model/resource.ts';
import { logLevels } from '../runtime/log.ts';
import {
  defaultClientUrl,
  embeddedStoreProblem,
  httpUrlProblem,
  listenAddressProblem,
  loopbackListenProblem,
  nodeNameOf,
  routerIdProblem,
  speakerUrlProblem,
  ttlProblem,
} from './values.ts';

/** Roles of the program that read configuration; `corebgp up` is all of them. */
export const roles = ['api', 'checker', 'updater'] as const;
export type Role = (typeof roles)[number];

/** What the machine says; an input, so that resolving stays pure. */
export interface Machine {
  readonly hostname: string;
  readonly home: string;
  readonly root: boolean;
  /** `$XDG_STATE_HOME`, if set. */
  readonly stateHome: string | undefined;
  /** Relative folders are seen from here. */
  readonly workingFolder: string;
}

/** Values that are already known when a default is worked out: those of the options above it. */
export interface Known {
  text(key: string): string;
  yes(key: string): boolean;
}

export interface Option<Schema extends TSchema = TSchema> {
  readonly schema: Schema;
  /** What may stand there, to follow "must be …". */
  readonly allowed: string;
  readonly example: string;
  readonly doc: string;
  readonly usedBy: readonly Role[];
  /** Undefined: no value unless given. */
  readonly fallback: (machine: Machine, known: Known) => Static<Schema> | undefined;
  /** The default in words, for the reference. */
  readonly fallbackDoc: string;
  /** What the schema can't say; a sentence, or undefined when all is well. */
  readonly problem?: (value: Static<Schema>) => string | undefined;
  /** A folder: made absolute. */
  readonly folder?: true;
}

type Row<Schema extends TSchema> = Omit<Option<Schema>, 'fallback' | 'fallbackDoc'> & {
  readonly fallback?: Static<Schema> | Option<Schema>['fallback'];
  readonly fallbackDoc?: string;
};

function option<Schema extends TSchema>(row: Row<Schema>): Option<Schema> {
  const { fallback } = row;
  const work = typeof fallback === 'function' ? (fallback as Option<Schema>['fallback']) : () => fallback;
  return { ...row, fallback: work, fallbackDoc: row.fallbackDoc ?? (fallback === undefined ? 'none' : show(fallback)) };
}

/** Of a gobgpd that CoreBGP doesn't supervise: gobgpd's own default. */
export const defaultSpeakerUrl = 'gobgp://127.0.0.1:50051';

const everyone = roles;
const name = 'a name of lower-case letters, digits and "-", at most 63 characters';

/** Grouped by the part before the dot; a default may refer only to options above it. */
const options = {
  'node.name': option({
    schema: Name,
    allowed: name,
    example: 'edge1',
    doc: 'Name of this machine; no two nodes may share it.',
    usedBy: everyone,
    fallback: (machine) => nodeNameOf(machine.hostname),
    fallbackDoc: 'the first label of the host name',
  }),
  'node.zone': option({
    schema: Name,
    allowed: name,
    example: 'eu-1a',
    doc: 'Zone of this machine; next hops, checkers and speakers use the same names.',
    usedBy: ['checker', 'updater'],
    fallback: 'default',
  }),
  'data.folder': option({
    schema: Type.String({ minLength: 1, maxLength: 1024 }),
    allowed: 'the path of a folder',
    example: '/var/lib/corebgp',
    doc: "Where this node keeps its files: the embedded store, the checker's lease, and gobgpd's socket, log and process id.",
    usedBy: everyone,
    folder: true,
    fallback: (machine) =>
      machine.root ? '/var/lib/corebgp' : `${machine.stateHome ?? `${machine.home}/.local/state`}/corebgp`,
    fallbackDoc: '/var/lib/corebgp for root; $XDG_STATE_HOME/corebgp or ~/.local/state/corebgp for others',
  }),
  'store.url': option({
    schema: Type.String({ maxLength: 2048 }),
    allowed: 'embedded:// and the absolute path of a folder',
    example: 'embedded:///var/lib/corebgp/store',
    doc: 'Where announcements and verdicts are kept.',
    usedBy: ['api'],
    fallback: (_, known) => `embedded://${known.text('data.folder')}/store`,
    fallbackDoc: 'embedded://<data.folder>/store',
    problem: embeddedStoreProblem,
  }),
  'api.listen': option({
    schema: Type.String({ maxLength: 64 }),
    allowed: 'a loopback address and a port (0 = any free one)',
    example: '[::1]:8080',
    doc: 'Where the REST API listens. Only loopback addresses until access control exists.',
    usedBy: ['api'],
    fallback: '127.0.0.1:8080',
    problem: loopbackListenProblem,
  }),
  'client.url': option({
    schema: Type.String({ maxLength: 2048 }),
    allowed: 'an http URL',
    example: 'http://127.0.0.1:8080',
    doc: 'API server that checker, updater and command line talk to. The variable COREBGP_URL is another name for it.',
    usedBy: ['checker', 'updater'],
    fallback: defaultClientUrl,
    problem: httpUrlProblem,
  }),
  'checker.ttl': option({
    schema: Type.String({ pattern: durationPattern }),
    allowed: 'a duration from 5s to 10m',
    example: '5s',
    doc: "Time to live of a checker's lease: its checks are taken over that long after it died.",
    usedBy: ['checker'],
    fallback: '10s',
    problem: ttlProblem,
  }),
  'speaker.name': option({
    schema: Name,
    allowed: name,
    example: 'edge1',
    doc: 'Name of the BGP speaker of this node, as `corebgp get speakers` shows it.',
    usedBy: ['updater'],
    fallback: (_, known) => known.text('node.name'),
    fallbackDoc: 'node.name',
  }),
  'speaker.supervise': option({
    schema: Type.Boolean(),
    allowed: 'true or false',
    example: 'false',
    doc: 'Whether CoreBGP starts and keeps alive its own gobgpd; false: one that runs already, at speaker.url.',
    usedBy: ['updater'],
    fallback: true,
  }),
  'speaker.url': option({
    schema: Type.String({ maxLength: 2048 }),
    allowed: 'gobgp://HOST:PORT or gobgp+unix:///PATH (the path at most 107 bytes)',
    example: 'gobgp://127.0.0.1:50051',
    doc: "Where gobgpd's gRPC API is, or is to be when it is supervised.",
    usedBy: ['updater'],
    fallback: (_, known) => (known.yes('speaker.supervise') ? undefined : defaultSpeakerUrl),
    fallbackDoc: `a unix socket below data.folder when supervised, else ${defaultSpeakerUrl}`,
    problem: speakerUrlProblem,
  }),
  'speaker.asn': option({
    schema: Type.Integer({ minimum: 1, maximum: 4_294_967_295 }),
    allowed: 'an AS number, 1 to 4294967295',
    example: '64512',
    doc: 'AS number of the speaker. Needed by `up` and `updater`.',
    usedBy: ['updater'],
  }),
  'speaker.routerId': option({
    schema: Type.String(),
    allowed: 'an IPv4 address other than 0.0.0.0',
    example: '192.0.2.1',
    doc: 'BGP identifier of the speaker (RFC 4271 1.1), unique among its neighbours. Needed by `up` and `updater`.',
    usedBy: ['updater'],
    problem: routerIdProblem,
  }),
  'speaker.listenPort': option({
    schema: Type.Integer({ minimum: -1, maximum: 65_535 }),
    allowed: 'a TCP port, 1 to 65535, or -1 for none',
    example: '1790',
    doc: 'TCP port on which the speaker waits for neighbours; below 1024 it needs the right to bind it. -1: only it connects.',
    usedBy: ['updater'],
    fallback: 179,
    problem: (port) => (port === 0 ? 'port 0 would be another one at every start' : undefined),
  }),
  'speaker.listenAddresses': option({
    schema: Type.Array(Type.String(), { maxItems: 64, uniqueItems: true }),
    allowed: 'a list of IP addresses, each once',
    example: '192.0.2.1,2001:db8::1',
    doc: 'Addresses on which the speaker waits for neighbours.',
    usedBy: ['updater'],
    fallback: () => [],
    fallbackDoc: 'all addresses of the machine',
    problem: listenAddressProblem,
  }),
  'speaker.binary': option({
    schema: Type.String({ minLength: 1, maxLength: 1024 }),
    allowed: 'the path of a program',
    example: '/usr/sbin/gobgpd',
    doc: 'The gobgpd to start, when supervised.',
    usedBy: ['updater'],
    folder: true,
    fallbackDoc: 'the gobgpd found on the machine',
  }),
  'speaker.onStop': option({
    schema: oneOf(['keep', 'stop']),
    allowed: 'keep or stop',
    example: 'stop',
    doc: 'What becomes of a supervised gobgpd when CoreBGP is stopped: keep leaves it running, so that nothing is withdrawn.',
    usedBy: ['updater'],
    fallback: 'keep',
  }),
  'log.level': option({
    schema: oneOf(logLevels),
    allowed: logLevels.join(', '),
    example: 'debug',
    doc: 'Least level that is logged to stderr, one JSON object a line.',
    usedBy: everyone,
    fallback: 'info',
  }),
} as const;

type Options = typeof options;
export type OptionKey = keyof Options;

/** These have no value unless given. */
type MayBeAbsent = 'speaker.url' | 'speaker.asn' | 'speaker.routerId' | 'speaker.binary';
type Value<Key extends OptionKey> = Key extends MayBeAbsent
  ? Static<Options[Key]['schema']> | undefined
  : Static<Options[Key]['schema']>;

export type Values = { readonly [Key in OptionKey]: Value<Key> };
type Group = OptionKey extends `${infer G}.${string}` ? G : never;

/** The effective configuration: `config.speaker.routerId`. */
export type Config = {
  readonly [G in Group]: { readonly [Key in OptionKey as Key extends `${G}.${infer Leaf}` ? Leaf : never]: Value<Key> };
};

export const optionKeys = Object.keys(options) as readonly OptionKey[];

export function isOptionKey(key: string): key is OptionKey {
  return Object.hasOwn(options, key);
}

export function optionOf(key: OptionKey): Option {
  return options[key] as unknown as Option;
}

/** `speaker.routerId` → `COREBGP_SPEAKER_ROUTER_ID`. */
export function variableOf(key: OptionKey): string {
  return `COREBGP_${key.replace(/[.A-Z]/g, (mark) => (mark === '.' ? '_' : `_${mark}`)).toUpperCase()}`;
}

/** `speaker.routerId` → `--speaker-router-id`. */
export function flagOf(key: OptionKey): string {
  return `--${key.replace(/[.A-Z]/g, (mark) => (mark === '.' ? '-' : `-${mark.toLowerCase()}`))}`;
}

export function show(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}
