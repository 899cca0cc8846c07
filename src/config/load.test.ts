import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CoreBgpError } from '../model/errors.ts';
import { requireFor, resolveConfig, type Sources, speakerIdentity } from './load.ts';
import { flagOf, type Machine, type OptionKey, optionKeys, optionOf, variableOf } from './options.ts';

const machine: Machine = {
  hostname: 'Edge_1.example.net',
  home: '/home/ada',
  root: false,
  stateHome: undefined,
  workingFolder: '/srv',
};
const resolve = (sources: Partial<Sources> = {}) => resolveConfig({ env: {}, flags: {}, machine, ...sources });
const inFile = (text: string) => ({ file: { name: 'corebgp.yaml', text } });

function refusal(work: () => unknown): CoreBgpError {
  try {
    work();
  } catch (error) {
    if (error instanceof CoreBgpError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('defaults', () => {
  test('come from the machine', () => {
    const { config, origins } = resolve();
    expect(config).toEqual({
      node: { name: 'edge-1', zone: 'default' },
      data: { folder: '/home/ada/.local/state/corebgp' },
      store: { url: 'embedded:///home/ada/.local/state/corebgp/store' },
      api: { listen: '127.0.0.1:8080' },
      client: { url: 'http://127.0.0.1:8080' },
      checker: { ttl: '10s' },
      speaker: {
        name: 'edge-1',
        supervise: true,
        url: undefined,
        asn: undefined,
        routerId: undefined,
        listenPort: 179,
        listenAddresses: [],
        binary: undefined,
        onStop: 'keep',
      },
      log: { level: 'info' },
    });
    expect(new Set(Object.values(origins))).toEqual(new Set(['default']));
  });

  test('are system folders for root, and follow XDG_STATE_HOME for others', () => {
    expect(resolve({ machine: { ...machine, root: true } }).config.data.folder).toBe('/var/lib/corebgp');
    expect(resolve({ machine: { ...machine, stateHome: '/state' } }).config.store.url).toBe(
      'embedded:///state/corebgp/store',
    );
  });

  test('follow the options they are made of', () => {
    const { config } = resolve({ flags: { 'data.folder': 'here', 'node.name': 'n7' } });
    expect(config.data.folder).toBe('/srv/here');
    expect(config.store.url).toBe('embedded:///srv/here/store');
    expect(config.speaker.url).toBeUndefined();
    expect(config.speaker.name).toBe('n7');
    expect(resolve({ flags: { 'speaker.supervise': 'false' } }).config.speaker.url).toBe('gobgp://127.0.0.1:50051');
  });

  test('of every option satisfy its own rules, on any host name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (hostname) => {
        resolve({ machine: { ...machine, hostname } });
      }),
    );
  });
});

describe('every option', () => {
  test.each(optionKeys)('%s takes its own example from file, variable and flag, in that order of strength', (key) => {
    const { example } = optionOf(key);
    const [group, leaf] = key.split('.');
    const listed = key === 'speaker.listenAddresses' ? `[${example.split(',').map((part) => `"${part}"`)}]` : undefined;
    const quoted = /^\[|:$/.test(example) ? `"${example}"` : example;
    const file = { name: 'f.yaml', text: `${group}:\n  ${leaf}: ${listed ?? quoted}\n` };
    const env = { [variableOf(key)]: example };
    const flags = { [key]: example };
    const given = (sources: Partial<Sources>) => resolve(sources).origins[key];
    expect(given({ file })).toBe('f.yaml line 2');
    expect(given({ file, env })).toBe(variableOf(key));
    expect(given({ file, env, flags })).toBe(flagOf(key));
    const values = [{ file }, { env }, { flags }].map((sources) => JSON.stringify(resolve(sources).config));
    expect(new Set(values).size).toBe(1);
  });

  test('takes its value from the strongest source that gives one', () => {
    const keys: readonly OptionKey[] = ['node.name', 'node.zone', 'speaker.name'];
    const source = fc.record(Object.fromEntries(keys.map((key) => [key, fc.stringMatching(/^[a-z]{1,8}$/)])), {
      requiredKeys: [],
    });
    fc.assert(
      fc.property(source, source, source, (file, env, flags) => {
        const text: Record<string, Record<string, string | undefined>> = {};
        for (const key of keys) {
          const [group = '', leaf = ''] = key.split('.');
          if (file[key] !== undefined) text[group] = { ...text[group], [leaf]: file[key] };
        }
        const { config } = resolve({
          ...inFile(JSON.stringify(text)),
          env: Object.fromEntries(keys.map((key) => [variableOf(key), env[key]])),
          flags: Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)),
        });
        const want = (key: OptionKey, fallback: string) => flags[key] ?? env[key] ?? file[key] ?? fallback;
        const node = want('node.name', 'edge-1');
        expect(config.node).toEqual({ name: node, zone: want('node.zone', 'default') });
        expect(config.speaker.name).toBe(want('speaker.name', node));
      }),
    );
  });
});

describe('what is refused', () => {
  test('an unknown key in the file, with the nearest one and the line', () => {
    const error = refusal(() => resolve(inFile('speaker:\n  asn: 64512\n  routerID: 192.0.2.1\n')));
    expect(error).toMatchObject({ code: 'invalid', field: 'speaker.routerID' });
    expect(error.message).toBe(
      'speaker.routerID (from corebgp.yaml line 3) is no option; did you mean speaker.routerId?',
    );
  });

  test('an unknown variable, with the nearest one', () => {
    expect(refusal(() => resolve({ env: { COREBGP_NODENAME: 'x' } })).message).toBe(
      'COREBGP_NODENAME (from the environment) is no option; did you mean COREBGP_NODE_NAME?',
    );
  });

  test.each([
    ['node.name', 'Edge 1'],
    ['store.url', 'embedded://relative'],
    ['store.url', 'etcd://host:2379'],
    ['api.listen', '0.0.0.0:8080'],
    ['api.listen', '[::]:8080'],
    ['api.listen', '::1:8080'],
    ['api.listen', '127.0.0.1:65536'],
    ['client.url', 'ftp://x'],
    ['client.url', 'http://u:p@x'],
    ['checker.ttl', '4s'],
    ['checker.ttl', '11m'],
    ['checker.ttl', '10'],
    ['speaker.url', 'gobgp://host'],
    ['speaker.url', 'gobgp://h:0'],
    ['speaker.url', `gobgp+unix:///${'x'.repeat(107)}`],
    ['speaker.asn', '0'],
    ['speaker.asn', '4294967296'],
    ['speaker.asn', '1.10'],
    ['speaker.routerId', '0.0.0.0'],
    ['speaker.routerId', '2001:db8::1'],
    ['speaker.routerId', '010.0.0.1'],
    ['speaker.listenPort', '0'],
    ['speaker.listenPort', ''],
    ['speaker.listenAddresses', '192.0.2.1,host'],
    ['speaker.listenAddresses', '192.0.2.1,192.0.2.1'],
    ['speaker.supervise', 'yes'],
    ['speaker.onStop', 'kill'],
    ['log.level', 'loud'],
  ] as const)('%s = "%s", from variable and flag alike', (key, text) => {
    for (const sources of [{ env: { [variableOf(key)]: text } }, { flags: { [key]: text } }]) {
      const error = refusal(() => resolve(sources));
      expect(error.field).toBe(key);
      expect(error.message).toContain(`${key} from ${'env' in sources ? variableOf(key) : flagOf(key)} is `);
      expect(error.message).toContain(optionOf(key).allowed);
    }
  });

  test.each([
    'speaker: { asn: "64512" }',
    'speaker: { supervise: "true" }',
    'speaker: { listenAddresses: 192.0.2.1 }',
    'speaker: { asn: [1] }',
    'node: { name: { first: a } }',
    'speaker: { asn: null }',
  ])('a value of the wrong type in the file: %s', (text) => {
    expect(refusal(() => resolve(inFile(text))).code).toBe('invalid');
  });

  test.each([
    ['- a', 'the file must be a mapping'],
    ['node: edge1', '"node" must be a mapping'],
    ['speaker.asn: 64512', 'write "speaker:" with "  asn: …" below it'],
    ['node: {', 'line 1, column 8: this is not valid YAML'],
    ['node:\n  name: a\n  name: b', 'line 3, column 3: name is there twice'],
    ['node: { name: a }\n---\nnode: { name: b }', 'this is not valid YAML'],
  ])('a file that is no mapping of groups: %j', (text, said) => {
    expect(refusal(() => resolve(inFile(text))).message).toContain(said);
  });

  test('a wrong value, even where a stronger source gives a right one', () => {
    const error = refusal(() => resolve({ env: { COREBGP_LOG_LEVEL: 'loud' }, flags: { 'log.level': 'info' } }));
    expect(error.message).toContain('COREBGP_LOG_LEVEL');
  });

  test('everything wrong at once, not only the first', () => {
    const error = refusal(() => resolve({ env: { COREBGP_LOG_LEVEL: 'loud', COREBGP_SPEAKER_ASN: 'x' } }));
    expect(error.message).toMatch(/^2 problems in the configuration:\n {2}- log.level.*\n {2}- speaker.asn/);
  });

  test('a bomb of aliases', () => {
    const levels = Array.from({ length: 9 }, (_, level) =>
      level === 0 ? '  a0: &a0 [x,x,x,x,x,x,x,x,x]' : `  a${level}: &a${level} [${`*a${level - 1},`.repeat(9)}]`,
    );
    expect(refusal(() => resolve(inFile(`node:\n${levels.join('\n')}`))).code).toBe('invalid');
  });
});

describe('the environment', () => {
  test('may name tools, and have other variables', () => {
    const env = { COREBGP_TOOL_GOBGPD: '/opt/gobgpd', PATH: '/bin', HOME: '/root' };
    expect(new Set(Object.values(resolve({ env }).origins))).toEqual(new Set(['default']));
  });

  test('knows client.url by two names, which must agree', () => {
    const url = 'http://[::1]:9000';
    expect(resolve({ env: { COREBGP_URL: url } }).origins['client.url']).toBe('COREBGP_URL');
    expect(resolve({ env: { COREBGP_URL: url, COREBGP_CLIENT_URL: url } }).config.client.url).toBe(url);
    const both = { COREBGP_URL: url, COREBGP_CLIENT_URL: 'http://127.0.0.1:1' };
    expect(refusal(() => resolve({ env: both })).message).toContain('unset one');
  });
});

test('an empty file is no error', () => {
  expect(resolve(inFile('')).origins).toEqual(resolve(inFile('# nothing\n')).origins);
});

test("a speaker's identity is asked for by key, flag, variable and example when it is missing", () => {
  const { config } = resolve({ flags: { 'speaker.asn': '64512' } });
  const error = refusal(() => requireFor(['updater'], config));
  expect(error).toMatchObject({ code: 'invalid', field: 'speaker.routerId' });
  for (const part of ['--speaker-router-id 192.0.2.1', 'COREBGP_SPEAKER_ROUTER_ID=192.0.2.1', 'routerId: 192.0.2.1']) {
    expect(error.message).toContain(part);
  }
  requireFor(['api', 'checker'], config);
  const whole = resolve({ flags: { 'speaker.asn': '64512', 'speaker.routerId': '192.0.2.1' } }).config;
  expect(speakerIdentity(whole)).toEqual({ asn: 64512, routerId: '192.0.2.1' });
});
