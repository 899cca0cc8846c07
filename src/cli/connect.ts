/** From the flags of a verb to a client of the API server that is meant. */
import { type Client, createClient } from '../client/client.ts';
import type { Transport } from '../client/transport.ts';
import { defaultClientUrl, httpUrlProblem } from '../config/values.ts';
import { CoreBgpError } from '../model/errors.ts';
import { type Flags, type Shell, textFlag } from './shell.ts';

/** @throws CoreBgpError `invalid` that names where the wrong URL came from, or a variable that was probably meant as one. */
function urlFrom(flags: Flags, shell: Pick<Shell, 'env'>): string {
  const { env } = shell;
  const given = [
    ['--url', textFlag(flags, 'url')],
    ['COREBGP_URL', env['COREBGP_URL']],
    ['COREBGP_CLIENT_URL', env['COREBGP_CLIENT_URL']],
  ] as const;
  const [origin, url] = given.find(([, value]) => value !== undefined && value !== '') ?? [];
  if (origin === undefined || url === undefined) {
    refuseMisspelt(env);
    return defaultClientUrl;
  }
  const problem = httpUrlProblem(url);
  if (problem === undefined) return url;
  throw new CoreBgpError('invalid', `${origin} is "${url}": ${problem}. Write it as in "${defaultClientUrl}".`);
}

/** What people write when they mean COREBGP_URL. */
const meansUrl = /^COREBGP_((CLIENT_|API_|SERVER_)?(URI|URLS|ULR|ADDRESS|ENDPOINT|HOST)|(API|SERVER)(_URL)?)$/;

/** Going on to the default server could change what somebody else's announces. */
function refuseMisspelt(env: Shell['env']): void {
  const wrong = Object.keys(env).find((variable) => env[variable] !== '' && meansUrl.test(variable));
  if (wrong === undefined) return;
  throw new CoreBgpError('invalid', `${wrong} is no variable of CoreBGP; the API server is named by COREBGP_URL.`);
}

/**
 * Runs `work` with a connection that is closed afterwards.
 * @param timeoutMs most time for one call. Default: the transport's.
 */
export async function connected<T>(
  flags: Flags,
  shell: Shell,
  work: (client: Client, transport: Transport) => Promise<T>,
  timeoutMs?: number,
): Promise<T> {
  const transport = await shell.connect(urlFrom(flags, shell), timeoutMs);
  try {
    return await work(createClient(transport), transport);
  } finally {
    transport.close();
  }
}
