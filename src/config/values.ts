/** What the values of some options must be beyond their schema, and how to take them apart. */
import { isIP } from 'node:net';
import { parseDuration } from '../model/duration.ts';
import { parseAddress } from '../model/prefix.ts';

interface Listen {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`; undefined for anything else. */
function parseListen(text: string): Listen | undefined {
  const [, six, other, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? other;
  const port = Number(digits);
  if (host === undefined || port > 65_535) return undefined;
  if (six !== undefined && isIP(six) !== 6) return undefined;
  if (other !== undefined && other !== 'localhost' && isIP(other) !== 4) return undefined;
  return { host, port };
}

export function loopbackListenProblem(text: string): string | undefined {
  const listen = parseListen(text);
  if (listen === undefined) return 'it is not ADDRESS:PORT (IPv6 in brackets)';
  const loopback = listen.host === 'localhost' || listen.host === '::1' || listen.host.startsWith('127.');
  return loopback ? undefined : 'anybody who reaches the API may change routes, and there is no access control yet';
}

export function embeddedStoreProblem(text: string): string | undefined {
  return embeddedFolder(text) === undefined ? 'no other store exists yet' : undefined;
}

/** The folder of `embedded:///path`; undefined for any other text. */
function embeddedFolder(url: string): string | undefined {
  const path = url.startsWith('embedded://') ? url.slice('embedded://'.length) : '';
  return path.startsWith('/') && !path.includes('\0') ? path : undefined;
}

export function httpUrlProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'it is not a URL';
  const url = new URL(text);
  if (url.protocol !== 'http:') return 'only http is spoken yet';
  if (url.username !== '' || url.search !== '' || url.hash !== '') return 'it must not have a user, "?" or "#"';
  return undefined;
}

export function ttlProblem(text: string): string | undefined {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 5_000) return 'below 5s a pause of the machine would look like a death';
  return ms > 600_000 ? 'checks would stay without a checker for longer than 10m' : undefined;
}

export type SpeakerAddress =
  | { readonly type: 'tcp'; readonly host: string; readonly port: number }
  | { readonly type: 'unix'; readonly path: string };

/** `gobgp://127.0.0.1:50051`, `gobgp+unix:///run/gobgpd.sock`; undefined for anything else. */
export function parseSpeakerUrl(url: string): SpeakerAddress | undefined {
  const [, path] = /^gobgp\+unix:\/\/(\/.+)$/.exec(url) ?? [];
  if (path !== undefined) return { type: 'unix', path };
  const [, six, other, digits] = /^gobgp:\/\/(?:\[([0-9A-Fa-f:]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(url) ?? [];
  const host = six ?? other;
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { type: 'tcp', host, port };
}

export const defaultClientUrl = 'http://127.0.0.1:8080';

/** The kernel's limit for the path of a unix socket, without the final zero (unix(7)). */
const longestSocketPath = 107;

export function speakerUrlProblem(text: string): string | undefined {
  const address = parseSpeakerUrl(text);
  if (address === undefined) return 'it is neither';
  if (address.type === 'tcp') return undefined;
  const length = Buffer.byteLength(address.path);
  if (length <= longestSocketPath) return undefined;
  return `the socket's path has ${length} bytes; choose a shorter data.folder or set speaker.url`;
}

export function routerIdProblem(text: string): string | undefined {
  const address = parseAddress(text);
  if (!address.ok) return address.problem;
  if (address.value.family !== 'ipv4') return 'it is an IPv6 address; any IPv4 address that no neighbour uses will do';
  return address.value.bits === 0n ? 'it is 0.0.0.0' : undefined;
}

export function listenAddressProblem(addresses: readonly string[]): string | undefined {
  for (const text of addresses) {
    const address = parseAddress(text);
    if (!address.ok) return address.problem;
  }
  return undefined;
}

/** The first label of a host name as a valid name: lower case, other characters as "-"; `node` when nothing is left. */
export function nodeNameOf(hostname: string): string {
  const [label = ''] = hostname.toLowerCase().split('.');
  const name = label
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return name === '' ? 'node' : name;
}
