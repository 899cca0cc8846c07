/** The version of the API server; apart from its verb, whose plain answer should be instant. */
import { endpoints } from '../contract/endpoints.ts';
import { connected } from './connect.ts';
import type { Flags, Shell } from './shell.ts';

export async function serverVersion(flags: Flags, shell: Shell): Promise<string> {
  const answer = await connected(flags, shell, (client) => client.call(endpoints.version, {}, shell.signal));
  return answer.version;
}
