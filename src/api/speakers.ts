/** Speakers: read-only for people, each written by its own updater alone. */
import { type endpoints, Speaker } from '../contract/endpoints.ts';
import { CoreBgpError } from '../model/errors.ts';
import { type SpeakerStatusRecord, speakerStatusKey } from '../model/speaker.ts';
import { decodeSpeakerStatus } from '../planning/decode.ts';
import type { Stored } from '../planning/stored.ts';
import type { EndpointFunction } from './context.ts';
import { listFunctions } from './lists.ts';
import { loadedPosition } from './loaded.ts';

type Rows = typeof endpoints.speakers;

const served = ({ record, revision }: Stored<SpeakerStatusRecord>) => ({ name: record.name, revision, status: record });

export const speakerLists = listFunctions({
  kind: 'Speaker',
  collection: 'speaker-status',
  output: Speaker,
  remedy: 'its updater writes it anew within seconds; if it does not, it is of another version.',
  row: ({ value, modRevision: revision }) => {
    const decoded = decodeSpeakerStatus(value);
    return decoded.ok ? { name: decoded.record.name, revision, status: decoded.record } : undefined;
  },
});

export const getSpeaker: EndpointFunction<Rows['get']> = async (context, { params }) => {
  loadedPosition(context);
  const found = context.inputs.speakers.get(speakerStatusKey(params.name));
  if (found !== undefined) return served(found);
  throw new CoreBgpError('notFound', `There is no speaker "${params.name}": no updater has reported under that name.`);
};

/** The last report counts; which updater may report is a matter of its identity. */
export const reportSpeaker: EndpointFunction<typeof endpoints.components.reportSpeaker> = async (
  context,
  { params, body },
  signal,
) => {
  if (body.name !== params.name) {
    throw new CoreBgpError('invalid', `name is "${body.name}", but the path says "${params.name}".`, { field: 'name' });
  }
  const value = JSON.stringify(body);
  await context.store.commit([], [{ op: 'put', key: speakerStatusKey(params.name), value }], signal);
  return {};
};
