/** Finds the external programs that CoreBGP works with; says what to install when one is missing. */
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CoreBgpError } from '../model/errors.ts';

/** For each program: its folder below `.cache/tools` (where scripts/setup.mjs unpacks it), and what a person should install. */
const tools = {
  gobgpd: { folder: 'gobgpd', install: 'GoBGP 3 or 4 (on Debian: apt-get install gobgpd)' },
  gobgp: { folder: 'gobgpd', install: "GoBGP's command line (on Debian it is in the package gobgpd)" },
  bird: { folder: 'bird2', install: 'BIRD 2 (on Debian: apt-get install bird2)' },
  birdc: { folder: 'bird2', install: 'BIRD 2 (on Debian: apt-get install bird2)' },
  etcd: { folder: 'etcd', install: 'etcd 3.5 (on Debian: apt-get install etcd-server)' },
} as const;

export type ToolName = keyof typeof tools;

export interface Tool {
  readonly path: string;
  /** To be added to the environment it is started with: its libraries, when it was unpacked beside us. */
  readonly env: Readonly<Record<string, string>>;
}

/** Servers are often installed where only root's PATH looks. */
const serverFolders = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/**
 * Looks in the variable `COREBGP_TOOL_<NAME>`, then in PATH and the folders for servers, then in `<packageRoot>/.cache/tools`.
 * @param packageRoot folder of CoreBGP's package.json.
 * @throws CoreBgpError `unavailable`, with what to install; also when the variable names no executable file.
 */
export function findTool(name: ToolName, packageRoot: string, environment: NodeJS.ProcessEnv = process.env): Tool {
  const variable = `COREBGP_TOOL_${name.toUpperCase()}`;
  const named = environment[variable];
  if (named) {
    if (isExecutable(named)) return toolAt(named);
    throw new CoreBgpError('unavailable', `${variable} is "${named}", which is no executable file.`);
  }
  const folders = [...(environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''), ...serverFolders];
  const onMachine = folders.map((folder) => join(folder, name)).find(isExecutable);
  if (onMachine !== undefined) return { path: onMachine, env: {} };

  const { folder, install } = tools[name];
  const unpacked = unpackedIn(join(packageRoot, '.cache/tools', folder), name);
  if (unpacked !== undefined) return unpacked;
  throw new CoreBgpError(
    'unavailable',
    `The program ${name} was not found. Install ${install}, or name its file in ${variable}.`,
  );
}

/** A program in a folder into which a Debian package was unpacked; undefined when it isn't there. */
export function unpackedIn(folder: string, program: string): Tool | undefined {
  const path = ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map((place) => join(folder, place, program)).find(isExecutable);
  if (path === undefined) return undefined;
  const libraries = ['usr/lib', 'lib']
    .map((place) => join(folder, place))
    .filter((place) => existsSync(place))
    .flatMap((place) => readdirSync(place).flatMap((name) => (name.includes('-linux-') ? [join(place, name)] : [])));
  return { path, env: libraries.length === 0 ? {} : { LD_LIBRARY_PATH: libraries.join(delimiter) } };
}

/** A file that a person named; when it is one of an unpacked package, its libraries are found beside it. */
function toolAt(path: string): Tool {
  const match = /^(.*)\/usr\/s?bin\/([^/]+)$/.exec(path);
  const beside = match?.[1] ? unpackedIn(match[1], match[2] ?? '') : undefined;
  return { path, env: beside?.env ?? {} };
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // Not there or not ours to run: both mean "look elsewhere".
    return false;
  }
}
