/** The status of an announcement as JSON: as JSON.stringify gives it, in a third of its time, for lists of very many. */
import type { AnnouncementStatus } from '../model/announcement.ts';
import { isReason } from './reasons.ts';

type NextHop = AnnouncementStatus['nextHops'][number];

/** @param status as `statusOf` gives it: what is a word, or a canonical address, needs no escaping. */
export function statusText({ state, reason, message, nextHops, speakers }: AnnouncementStatus): string {
  let text = `{"state":"${state}"${reasonText(reason, message)},"nextHops":[`;
  for (const [index, nextHop] of nextHops.entries()) {
    if (index > 0) text += ',';
    text += nextHopText(nextHop);
  }
  text += '],"speakers":[';
  for (const [index, { name, appliedRevision, current, exceptions }] of speakers.entries()) {
    if (index > 0) text += ',';
    const excepted = exceptions.length === 0 ? '[]' : JSON.stringify(exceptions);
    text += `{"name":${JSON.stringify(name)},"appliedRevision":${appliedRevision},"current":${current},"exceptions":${excepted}}`;
  }
  return `${text}]}`;
}

/** Of our own reason words, each of which always has the same sentence. */
const reasonTexts = new Map<string, string>();

function reasonText(reason: string | undefined, message: string | undefined): string {
  if (reason === undefined) return '';
  const known = reasonTexts.get(reason);
  if (known !== undefined) return known;
  const text = `,"reason":${JSON.stringify(reason)},"message":${JSON.stringify(message)}`;
  if (isReason(reason)) reasonTexts.set(reason, text);
  return text;
}

function nextHopText(nextHop: NextHop): string {
  const { address, health, fresh, since, reason, checker, code } = nextHop;
  const head = `{"address":"${address}","health":"${health}","fresh":${fresh ? 'true' : 'false'}`;
  if (since === undefined) return head + decisionText(nextHop);
  const shown = `,"since":${JSON.stringify(since)},"reason":${JSON.stringify(reason)},"checker":${JSON.stringify(checker)}`;
  return head + shown + (code === undefined ? '' : `,"code":${code}`) + decisionText(nextHop);
}

const decisionTexts = {
  announce: new Map<string, string>(),
  withdraw: new Map<string, string>(),
  keep: new Map<string, string>(),
};

/** There are few, so that each is made once. */
function decisionText({ path, why }: NextHop): string {
  const texts = decisionTexts[path];
  const known = texts.get(why);
  if (known !== undefined) return known;
  const text = `,"path":"${path}","why":"${why}"}`;
  if (isReason(why)) texts.set(why, text);
  return text;
}
