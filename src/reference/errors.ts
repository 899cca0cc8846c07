/** The reference of error codes and of every reason word, made of the tables that the program runs by. */
import { probeReasons } from '../checker/probes/probe.ts';
import { type ErrorCode, errorCodes } from '../model/errors.ts';
import { eventKinds } from '../model/event.ts';
import { reasons } from '../planning/reasons.ts';

interface Advice {
  readonly cause: string;
  readonly cure: string;
}

/** For each code: why it usually comes, and what helps. */
export const advice: Readonly<Record<ErrorCode, Advice>> = {
  invalid: {
    cause: 'A field, a parameter or a flag is unknown, misspelt, missing, or not allowed; `field` names it.',
    cure: 'Correct it as `detail` says; repeating it changes nothing.',
  },
  unauthenticated: { cause: 'Not used yet: there is no access control.', cure: '–' },
  forbidden: {
    cause:
      'The request names another host than the one that the server listens on, or comes from a web page of another origin.',
    cure: 'Use the address of the server itself: `http://127.0.0.1:8080`.',
  },
  notFound: {
    cause: 'There is no such object, or no such path of the API.',
    cure: 'Look with `corebgp get`; an announcement is named `project/name`. A deleted one can be restored for 7 days.',
  },
  methodNotAllowed: { cause: 'The path exists, the method does not.', cure: '`Allow` lists those that do.' },
  notAcceptable: {
    cause: 'No form of the answer fits `Accept`.',
    cure: 'Ask for `application/json`, or for lists for `application/x-ndjson`.',
  },
  alreadyExists: {
    cause: 'Create of an object that is there, or restore of one that was made anew.',
    cure: 'Use PUT or `corebgp apply` to replace it.',
  },
  prefixTaken: {
    cause: 'Another announcement has the prefix; `detail` names it. A prefix has one owner.',
    cure: 'Remove it there first, or add the next hops to that announcement.',
  },
  inUse: {
    cause: 'Others need what was to be deleted or changed; `detail` names them.',
    cure: 'Change or delete those first.',
  },
  fenced: {
    cause: 'For components: another one holds what the caller thought it held.',
    cure: 'The component joins anew by itself.',
  },
  compacted: {
    cause: 'A watch or a list goes on from a moment that is no longer held.',
    cure: 'Start over: a watch without `since`, a list without `continue`.',
  },
  leaseExpired: {
    cause: 'For components: a lease was not kept alive in time.',
    cure: 'The component joins anew by itself.',
  },
  conflict: {
    cause: 'The object is no longer at the revision that the write was made for (`If-Match`, `metadata.revision`).',
    cure: 'Read it again, repeat the change on what it is now.',
  },
  tooLarge: {
    cause: 'The body, the file, or the object as it would be stored is larger than its [limit](limits.md).',
    cure: 'Split it; of an object `detail` says what is large.',
  },
  unsupportedMediaType: {
    cause: 'The body has another `Content-Type` than the call takes.',
    cure: 'Send `application/json`; for PATCH also `application/merge-patch+json`.',
  },
  notEntitled: {
    cause: 'The project does not permit the prefix or the next hop, or there is no such project; `reason` says which.',
    cure: 'Widen the project, or correct the announcement.',
  },
  limited: {
    cause: 'A [limit](limits.md) of the server is reached: requests in flight, streams, lists, leases.',
    cure: 'Try again after `Retry-After`; have fewer at a time.',
  },
  internal: {
    cause: 'A stored record that cannot be read (reason `undecodable`), or a defect of CoreBGP.',
    cure: 'With `undecodable`: if a newer version of CoreBGP wrote the object, ask a server of that version; else apply it again, or delete it. Otherwise report it, with the lines that the log has for the request id.',
  },
  unavailable: {
    cause: 'The server or its store cannot be reached, the disk is full, or the copy of the store is not fresh.',
    cure: 'Try again after `Retry-After`. A write may have happened: look first, or repeat it with `If-Match`.',
  },
  timeout: {
    cause: 'It took longer than it may; usually a slow disk.',
    cure: 'As `unavailable`.',
  },
};

/** Words beside those of decisions and of probes, with where they stand. */
export const otherWords: Readonly<Record<string, string>> = {
  alreadyClaimed: 'Answer to a claim: another checker holds the shard.',
  contended: 'Others changed the same objects again and again meanwhile, so nothing was written; try again.',
  joined: 'A checker has joined (events).',
  left: 'A checker has left, or its lease has run out (events).',
  limited: 'More happened than is kept; the rest was left out (events).',
  notSeen: 'Something may be missing: no server that is there saw it, or one that saw it did not write it (events).',
  notHolder: 'Answer to a release: the caller does not hold the shard.',
  prefixTaken: 'Another announcement has the prefix.',
  staleEpoch: 'Answer to a verdict: the claim it was found under is gone.',
  staleIncarnation: "The checker's own record is another one than it thinks: it joins anew.",
  staleSequence: 'Answer to a verdict: a newer one is stored already.',
  streamEnded: 'gobgpd ended its event stream; the updater connects anew.',
  unreadable: 'A stored record cannot be read.',
};

/** The text of docs/reference/errors.md. */
export function errorsReference(): string {
  const codes = Object.entries(errorCodes).map(
    ([code, { status, title, exit }]) => `| \`${code}\` | ${status} | ${title} | ${exit} |`,
  );
  const help = Object.entries(advice).map(
    ([code, { cause, cure }]) => `| \`${code}\` | ${cell(cause)} | ${cell(cure)} |`,
  );
  return [
    introduction,
    '## Codes',
    '',
    '| code | HTTP status | title | exit code of `corebgp` |',
    '|---|---|---|---|',
    ...codes,
    '',
    '| code | usual cause | what to do |',
    '|---|---|---|',
    ...help,
    '',
    '## Reason words',
    '',
    'They say why a path is announced, withdrawn or kept, and mean the same in the API, `corebgp explain`, logs and metrics.',
    '',
    ...words('reason', reasons),
    '### Of probes',
    '',
    'In `status.nextHops[].reason`, in the line `health` of `corebgp explain`, and in events.',
    '',
    ...words('reason', probeReasons),
    '### Others',
    '',
    ...words('reason', otherWords),
    '## Kinds of events',
    '',
    ...words('kind', eventKinds),
  ].join('\n');
}

function words(head: string, table: Readonly<Record<string, string>>): readonly string[] {
  const rows = Object.entries(table).map(([word, meaning]) => `| \`${word}\` | ${cell(meaning)} |`);
  return [`| ${head} | meaning |`, '|---|---|', ...rows, ''];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

const introduction = `<!-- Generated from src/model/errors.ts, src/planning/reasons.ts and src/reference/errors.ts: change those, then run "npm run gen". -->
# Errors and reasons

The API answers errors as problem+json (RFC 9457): \`type\`, \`title\`, \`status\`, \`code\`, \`detail\`, \`requestId\`, and where
they apply \`field\` (the path of the offending field) and \`reason\`. Act on \`code\`, show \`detail\`.
`;
