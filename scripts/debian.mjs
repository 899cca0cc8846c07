// Debian packages without root: apt with a state folder of its own inside the checkout, and dpkg -x into a folder. Imports only `node:`.
// The mirror and its keyring are the machine's own; apt verifies every index and package against them.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run, StepError } from './steps.mjs';

const aptFolder = join(root, '.cache/apt');

/** `/etc/os-release` as an object; empty when there is none. */
export function osRelease(file = '/etc/os-release') {
  if (!existsSync(file)) return {};
  const lines = readFileSync(file, 'utf8').matchAll(/^(\w+)="?(.*?)"?$/gm);
  return Object.fromEntries([...lines].map(([, key, value]) => [key, value]));
}

/** One entry a URI and suite: `{uri, suite, components, signedBy?}`, from the one-line and the deb822 format. */
export function parseSources(text, deb822) {
  if (!deb822) {
    return text.split('\n').flatMap((line) => {
      const match = /^\s*deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
      if (!match) return [];
      const [, options = '', uri, suite, components] = match;
      const signedBy = /signed-by=(\S+)/i.exec(options)?.[1];
      return [{ uri, suite, components: components.trim().split(/\s+/), signedBy }];
    });
  }
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const unfolded = stanza.replace(/^#.*\n?/gm, '').replace(/\n[ \t]+/g, ' ');
    const fields = Object.fromEntries(
      [...unfolded.matchAll(/^([\w-]+):[ \t]*(.*)$/gm)].map(([, key, value]) => [key.toLowerCase(), value.trim()]),
    );
    const words = (key) => (fields[key] ?? '').split(/\s+/).filter(Boolean);
    if (!words('types').includes('deb') || fields.enabled?.toLowerCase() === 'no') return [];
    // A key written into the stanza itself has no file name; apt's own trusted keys must do then.
    const signedBy = fields['signed-by']?.startsWith('/') ? fields['signed-by'] : undefined;
    return words('uris').flatMap((uri) =>
      words('suites').map((suite) => ({ uri, suite, components: words('components'), signedBy })),
    );
  });
}

function machineSources() {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ];
  return files
    .filter((file) => /\.(list|sources)$/.test(file) && existsSync(file))
    .flatMap((file) => parseSources(readFileSync(file, 'utf8'), file.endsWith('.sources')));
}

/** What this machine's distribution offers: the entries of its own suites, and the one that other suites of the distribution are read from. */
export function distribution() {
  const { ID, VERSION_CODENAME: codename } = osRelease();
  const own = new Set([
    codename,
    `${codename}-updates`,
    `${codename}-security`,
    'stable',
    'oldstable',
    'testing',
    'unstable',
    'sid',
  ]);
  const sources = machineSources().filter(({ suite, components }) => own.has(suite) && components.includes('main'));
  const base = sources.find(({ uri }) => /\/debian\/?$/.test(uri)) ?? sources[0];
  return { id: ID, codename, sources, base };
}

/** The machine's proxy and transport settings for apt; its hooks and sandbox user are left out (they need root). */
async function machineSettings() {
  const { code, output } = await run('apt-config', ['dump'], { mayFail: true });
  if (code !== 0) return [];
  return output.split('\n').filter((line) => /^Acquire::(https?|ftp|Retries|ForceIPv[46])\b.*"[^"]+";$/.test(line));
}

/**
 * Opens a private apt state for the given sources and reads their indexes.
 * `candidate(name)` is the version on offer or undefined; `download(names, into)` unpacks packages into a folder; `close` removes the state.
 * An index past its own expiry date is refused by apt; with `allowExpired` it is read all the same (signatures and hashes still
 * verified) and `expired` is true, for the caller to tell.
 */
export async function openApt(sources, { allowExpired = false } = {}) {
  // What a killed set-up left behind; only one runs at a time.
  rmSync(aptFolder, { recursive: true, force: true });
  mkdirSync(aptFolder, { recursive: true });
  const folder = mkdtempSync(join(aptFolder, 'state-'));
  const close = () => rmSync(aptFolder, { recursive: true, force: true });
  for (const name of ['state/lists/partial', 'cache/archives/partial', 'packages'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'status'), '');
  writeFileSync(
    join(folder, 'sources.list'),
    sources
      .map(
        ({ uri, suite, components, signedBy }) =>
          `deb ${signedBy ? `[signed-by=${signedBy}] ` : ''}${uri} ${suite} ${components.join(' ')}\n`,
      )
      .join(''),
  );
  const configuration = join(folder, 'apt.conf');
  const configure = async (extra) =>
    writeFileSync(
      configuration,
      [
        ...(await machineSettings()),
        `Dir::State "${folder}/state";`,
        `Dir::State::status "${folder}/status";`,
        `Dir::Cache "${folder}/cache";`,
        `Dir::Log "${folder}";`,
        `Dir::Etc::sourcelist "${folder}/sources.list";`,
        ...['sourceparts', 'parts', 'main', 'preferences', 'preferencesparts'].map(
          (key) => `Dir::Etc::${key} "/dev/null";`,
        ),
        'APT::Sandbox::User "";',
        'Acquire::Languages "none";',
        'Acquire::Retries "2";',
        ...extra,
      ].join('\n'),
    );
  const apt = (program, args, options = {}) =>
    run(program, args, { ...options, env: { APT_CONFIG: configuration, LC_ALL: 'C' } });

  await configure([]);
  let update = await apt('apt-get', ['update'], { mayFail: true });
  let expired = false;
  if (update.code !== 0 && allowExpired && /is expired|is not valid/.test(update.output)) {
    expired = true;
    await configure(['Acquire::Check-Valid-Until "false";']);
    update = await apt('apt-get', ['update'], { mayFail: true });
  }

  const candidate = async (name) => {
    const { output } = await apt('apt-cache', ['policy', name], { mayFail: true });
    const version = /Candidate: (\S+)/.exec(output)?.[1];
    return version === '(none)' ? undefined : version;
  };
  return {
    expired,
    close,
    candidate,
    /** The library packages that a package names as its own dependencies, without libc (which is the machine's). */
    async libraries(name) {
      const { output } = await apt('apt-cache', ['depends', '--important', name]);
      const names = [...output.matchAll(/^\s*\|?Depends: (lib[\w.+-]+)$/gm)].map(([, library]) => library);
      return names.filter((library) => !/^(libc6|libc-bin|libcrypt1|libgcc-s1)$/.test(library));
    },
    async download(names, into) {
      for (const name of names) {
        if ((await candidate(name)) === undefined) {
          close();
          throw new StepError(
            `this machine's apt sources offer no package ${name}.\n${update.code === 0 ? '' : update.output}`,
          );
        }
      }
      const packages = mkdtempSync(join(folder, 'packages/'));
      await apt('apt-get', ['download', ...names], { cwd: packages });
      for (const file of readdirSync(packages)) await run('dpkg', ['-x', join(packages, file), into]);
    },
  };
}
