/** The reference of limits, made of the constants that the program runs by. test/contract/limits.test.ts reaches those that can be reached cheaply. */
import { defaultCacheLimits } from '../api/cache-limits.ts';
import { defaultGateLimits } from '../api/costly.ts';
import { takeWithinMs } from '../api/event-stream.ts';
import { defaultEventLimits } from '../api/events-log.ts';
import { defaultMostConnections, httpTimes, mostRequestsInFlight } from '../api/http.ts';
import { mostDepth } from '../api/json.ts';
import { defaultPinLimits } from '../api/pins.ts';
import { defaultSheddingLimits } from '../api/shedding.ts';
import { mostLineLists } from '../api/slots.ts';
import { mostStatusStreams } from '../api/status-hub.ts';
import { keepTombstonesMs } from '../api/sweep.ts';
import { mostBodyBytes as mostProbedBytes } from '../checker/probes/http.ts';
import { mostProbesInFlight } from '../checker/schedule.ts';
import { mostRehearsed, mostBytes as mostResourceBytes } from '../cli/apply-calls.ts';
import { mostNames } from '../cli/complete.ts';
import { limits as fileLimits } from '../cli/resource-files.ts';
import { mostPathsListed } from '../contract/apply-endpoint.ts';
import { mostClaims, mostVerdicts } from '../contract/component-endpoints.ts';
import { mostBodyBytes } from '../contract/endpoint.ts';
import { endpoints, mostExplanations } from '../contract/endpoints.ts';
import { mostEventsAnswered } from '../contract/event-endpoints.ts';
import { mostOfPage } from '../contract/lists.ts';
import { AnnouncementSpec, mostPrefixes } from '../model/announcement.ts';
import { AttributesSpec } from '../model/attributes.ts';
import { ProjectSpec } from '../model/project.ts';
import { mostRecordBytes, mostWords } from '../model/resource.ts';
import { mostVersions } from '../model/version.ts';
import { keepCharacters, keepRevisions } from '../store/embedded/embedded-store.ts';
import { maxCommitBytes, mostLeases } from '../store/limits.ts';
import { commitLimit } from '../store/store.ts';
import { mostExceptions } from '../updater/report.ts';

interface Limit {
  readonly what: string;
  readonly most: string;
  /** What happens at it. */
  readonly outcome: string;
}

const number = (value: number) => value.toLocaleString('en-US');
const bytes = (value: number) =>
  value % (1 << 20) === 0 ? `${number(value / (1 << 20))} MiB` : `${number(value / 1024)} KiB`;
const seconds = (ms: number) => `${number(ms / 1_000)} s`;
const days = (ms: number) => `${number(ms / 86_400_000)} d`;
const of = (schema: object) => number(Number(Reflect.get(schema, 'maxItems')));

const { apply, components } = endpoints;
const { queue, recent, streams } = defaultCacheLimits;

export const limitTables: Readonly<Record<string, readonly Limit[]>> = {
  Requests: [
    {
      what: 'body',
      most: bytes(mostBodyBytes),
      outcome: '413 `tooLarge`; split it (`corebgp apply` does so by itself)',
    },
    {
      what: "body of a speaker's report",
      most: bytes(components.reportSpeaker.mostBodyBytes),
      outcome: '413 `tooLarge`',
    },
    { what: 'lists and objects inside each other, in a body', most: number(mostDepth), outcome: '400 `invalid`' },
    { what: 'all headers of a request together', most: '16 KiB', outcome: '431, by the HTTP server itself' },
    { what: 'one part of a path', most: '256 characters', outcome: '400 `invalid`' },
    {
      what: 'requests being answered at a time',
      most: number(mostRequestsInFlight),
      outcome: '429 `limited`, Retry-After 1 s; `/healthz`, `/readyz` and `/metrics` are answered all the same',
    },
    {
      what: 'lists, histories, explanations and dry runs being worked out at a time',
      most: `${number(defaultGateLimits.atOnce)}, and ${number(defaultGateLimits.waiting)} that wait for up to ${seconds(defaultGateLimits.waitMs)}`,
      outcome: '429 `limited` after a second, Retry-After 1 s',
    },
    {
      what: 'lateness of the event loop, over about a second',
      most: `${number(defaultSheddingLimits.lateMs)} ms for reads, ${number(defaultSheddingLimits.veryLateMs)} ms for writes`,
      outcome: `beyond ${number(defaultSheddingLimits.inFlight)} requests at a time: 429 \`limited\` after a second, Retry-After 2 s; not for checkers and updaters, watch streams, \`/healthz\`, \`/readyz\` and \`/metrics\``,
    },
    {
      what: 'open connections',
      most: number(defaultMostConnections),
      outcome: 'a further one is closed unanswered, counted and logged',
    },
    { what: 'time to send the headers', most: seconds(httpTimes.headersMs), outcome: '408, connection closed' },
    { what: 'time to send a whole request', most: seconds(httpTimes.requestMs), outcome: '408, connection closed' },
    { what: 'idle connection', most: seconds(httpTimes.idleMs), outcome: 'closed' },
    {
      what: 'time to answer a call, once it is begun',
      most: seconds(endpoints.version.answerWithinMs),
      outcome: '504 `timeout`; waiting for a place, and sending the answer, come on top',
    },
    {
      what: 'time to answer an apply',
      most: seconds(apply.answerWithinMs),
      outcome: 'what was not reached is answered as failed, with code `timeout`; the rest is written',
    },
    {
      what: 'resources of an apply call',
      most: of(apply.body.properties.resources),
      outcome: '400 `invalid`; `corebgp apply` sends several calls',
    },
    {
      what: 'paths that a dry run lists, for each speaker',
      most: `${number(mostPathsListed)} that come, as many that go, change or are kept`,
      outcome: 'the others are counted',
    },
  ],
  'Lists and streams': [
    { what: 'objects of a page', most: number(mostOfPage), outcome: '400 `invalid`; go on with `continue`' },
    {
      what: 'lists being read in pages at a time',
      most: number(defaultPinLimits.pins),
      outcome: `lists that show the same count once; one that nobody reads on makes room at once, one unused for ${seconds(defaultPinLimits.yieldAfterMs)} too; else 429 \`limited\``,
    },
    {
      what: 'time between two pages of a list',
      most: seconds(defaultPinLimits.idleMs),
      outcome: '410 `compacted`; begin the list again',
    },
    { what: 'lists answered in lines at a time', most: number(mostLineLists), outcome: '429 `limited`' },
    { what: 'watch streams of records', most: number(streams), outcome: '429 `limited`' },
    { what: 'watch streams of the status view', most: number(mostStatusStreams), outcome: '429 `limited`' },
    {
      what: 'waiting for one stream',
      most: `${number(queue.messages)} messages or ${bytes(queue.size)}`,
      outcome: 'the stream ends with an error of code `limited`; connect again with `since`',
    },
    {
      what: "time a stream's reader may take nothing",
      most: seconds(takeWithinMs),
      outcome: 'its connection is closed',
    },
    {
      what: 'changes that a stream can go on after',
      most: `the last ${number(recent.revisions)} or ${bytes(recent.size)}`,
      outcome: '410 `compacted`; start over without `since`',
    },
    {
      what: 'announcements that are explained for an address',
      most: number(mostExplanations),
      outcome: 'the others are counted',
    },
    { what: 'events of an answer', most: number(mostEventsAnswered), outcome: '400 `invalid`' },
  ],
  Objects: [
    { what: 'name of anything', most: '63 characters', outcome: '400 `invalid`' },
    { what: 'labels, and annotations, of an object', most: `${number(mostWords)} each`, outcome: '400 `invalid`' },
    { what: 'value of a label or annotation', most: '1,024 characters', outcome: '400 `invalid`' },
    {
      what: 'an object as it is stored: JSON in UTF-8, without its status',
      most: bytes(mostRecordBytes),
      outcome: '413 `tooLarge`, which says what of it is large; one that an older version wrote can still be deleted',
    },
    {
      what: 'prefixes of an announcement',
      most: number(mostPrefixes),
      outcome: '400 `invalid`; make several announcements',
    },
    { what: 'next hops of an announcement', most: of(AnnouncementSpec.properties.nextHops), outcome: '400 `invalid`' },
    {
      what: 'communities, and large communities, of a path',
      most: `${of(AttributesSpec.properties.communities)} each`,
      outcome: '400 `invalid`',
    },
    {
      what: 'prefixes, and next-hop networks, of a project',
      most: `${of(ProjectSpec.properties.prefixes)} each`,
      outcome: '400 `invalid`',
    },
    { what: 'shortest prefix', most: '/8 (IPv4), /16 (IPv6)', outcome: '422 `notEntitled`' },
    {
      what: 'a file for `corebgp apply`',
      most: `${bytes(fileLimits.fileBytes)}, ${number(fileLimits.resources)} resources`,
      outcome: 'exit code 2, before anything is sent',
    },
    {
      what: 'one YAML document in such a file',
      most: bytes(fileLimits.documentCharacters),
      outcome: 'exit code 2; begin a new one for each resource',
    },
    {
      what: 'one resource in such a file',
      most: `${bytes(mostResourceBytes)} as JSON`,
      outcome: 'exit code 2, before anything is sent',
    },
    {
      what: 'resources that `corebgp diff` and `apply --dry-run` compare with each other',
      most: `${number(mostRehearsed)}, with the projects before them`,
      outcome: 'the next are compared in a call of their own',
    },
    {
      what: 'names that the Tab key offers',
      most: number(mostNames),
      outcome: 'type more letters',
    },
    { what: 'nesting in such a file', most: number(fileLimits.depth), outcome: 'exit code 2' },
    { what: 'repeated YAML aliases in such a file', most: number(fileLimits.aliases), outcome: 'exit code 2' },
  ],
  Checks: [
    { what: 'shortest interval', most: '500 ms', outcome: '400 `invalid`' },
    {
      what: 'probes of a checker in flight',
      most: number(mostProbesInFlight),
      outcome: 'the others wait in line; `corebgp_checker_probe_lag_seconds` shows it',
    },
    {
      what: 'body of an answer that a probe reads',
      most: bytes(mostProbedBytes),
      outcome: 'the rest is not looked at',
    },
    { what: 'claims of a call', most: number(mostClaims), outcome: '400 `invalid`' },
    { what: 'verdicts of a call', most: number(mostVerdicts), outcome: '400 `invalid`' },
    {
      what: "exceptions in a speaker's report",
      most: number(mostExceptions),
      outcome: 'left out; `exceptionCount` tells all',
    },
  ],
  'What is kept': [
    { what: 'leases', most: number(mostLeases), outcome: '429 `limited`' },
    { what: 'life of a lease without keepalive', most: '2 s to 600 s', outcome: '400 `invalid`' },
    {
      what: 'conditions, and operations, of a commit',
      most: `${number(commitLimit)} each, ${bytes(maxCommitBytes)}`,
      outcome: 'no call gets there',
    },
    { what: 'deleted objects', most: days(keepTombstonesMs), outcome: "removed; they can't be restored any more" },
    { what: 'former versions of an object', most: `${number(mostVersions)}, 30 d`, outcome: 'the oldest goes' },
    { what: 'events', most: number(defaultEventLimits.kept), outcome: 'the oldest go' },
    {
      what: "the embedded store's own log of changes",
      most: `${number(keepRevisions)} revisions or ${bytes(keepCharacters)}`,
      outcome: "the oldest go; the server's own copy follows closely, so nobody notices",
    },
  ],
};

/** The text of docs/reference/limits.md. */
export function limitsReference(): string {
  const sections = Object.entries(limitTables).map(([title, rows]) =>
    [
      `## ${title}`,
      '',
      '| what | most | at the limit |',
      '|---|---|---|',
      ...rows.map(({ what, most, outcome }) => `| ${what} | ${most} | ${outcome} |`),
      '',
    ].join('\n'),
  );
  return `${introduction}\n${sections.join('\n')}`;
}

const introduction = `<!-- Generated from src/reference/limits.ts and the constants it names: change those, then run "npm run gen". -->
# Limits

Everything has one. At the limit there is a clear error that names it, never a hang, and what was done before stays done.
\`limited\` (429) and \`timeout\` (504) may be tried again: \`Retry-After\` says when.
`;
