/** Puts the configuration together: defaults < file < environment < flags, every value checked by the same schema. */
import { resolve } from 'node:path';
import { Value } from 'typebox/value';
import { CoreBgpError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import { type ConfigFile, readConfigFile } from './file.ts';
import {
  type Config,
  flagOf,
  isOptionKey,
  type Known,
  type Machine,
  type OptionKey,
  optionKeys,
  optionOf,
  type Role,
  show,
  variableOf,
} from './options.ts';

/** Where a value came from, as a person would say it: `default`, `corebgp.yaml line 3`, `COREBGP_NODE_NAME`, `--node-name`. */
export type Origin = string;

export interface Sources {
  readonly file?: ConfigFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of the flags that were given, by key. */
  readonly flags: Partial<Readonly<Record<OptionKey, string>>>;
  readonly machine: Machine;
}

export interface Resolved {
  readonly config: Config;
  readonly origins: Readonly<Record<OptionKey, Origin>>;
}

interface Given {
  readonly value: unknown;
  readonly origin: Origin;
}

interface Problem {
  /** Of the option; of one that doesn't exist what was written: `node.zoone`, `COREBGP_NODE_ZOONE`. */
  readonly key: string;
  readonly sentence: string;
}

/** Another name of `COREBGP_CLIENT_URL`, for people at the command line. */
const urlVariable = 'COREBGP_URL';
/** These name programs, see runtime/tools.ts. */
const toolVariable = /^COREBGP_TOOL_[A-Z0-9]+$/;

/** @throws CoreBgpError `invalid` that lists everything that is wrong: the key, where it came from, what is allowed. */
export function resolveConfig(sources: Sources): Resolved {
  const { problems, ...resolved } = resolveWhatCanBe(sources);
  if (problems.length > 0) throw problemsError(problems);
  return resolved;
}

/**
 * For whoever looks into what is wrong: options that are wrong are left out, and told.
 * @throws CoreBgpError `invalid` when the file is no YAML.
 */
export function resolveWhatCanBe(sources: Sources): Resolved & { readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  // Later sources overwrite earlier ones; a value that is overwritten must be valid all the same.
  const layers = [fromFile(sources, problems), fromEnvironment(sources, problems), fromFlags(sources, problems)];
  const values = new Map<OptionKey, Given>();
  for (const layer of layers) for (const [key, given] of layer) values.set(key, given);

  const known: Known = {
    text: (key) => String(isOptionKey(key) ? values.get(key)?.value : undefined),
    yes: (key) => isOptionKey(key) && values.get(key)?.value === true,
  };
  for (const key of optionKeys) {
    const option = optionOf(key);
    let given = values.get(key) ?? { value: option.fallback(sources.machine, known), origin: 'default' };
    if (option.folder && typeof given.value === 'string') {
      given = { ...given, value: resolve(sources.machine.workingFolder, given.value) };
    }
    if (given.origin === 'default' && given.value !== undefined) problems.push(...problemsOf(key, given));
    values.set(key, given);
  }
  return { config: nested(values), origins: originsOf(values), problems };
}

/**
 * The identity that a speaker can't do without.
 * @throws CoreBgpError `invalid` that says how to set what is missing.
 */
export function speakerIdentity(config: Config): { readonly asn: number; readonly routerId: string } {
  const { asn, routerId } = config.speaker;
  const missing: OptionKey[] = [];
  if (asn === undefined) missing.push('speaker.asn');
  if (routerId === undefined) missing.push('speaker.routerId');
  if (asn !== undefined && routerId !== undefined) return { asn, routerId };
  throw problemsError(
    missing.map((key) => {
      const [group, leaf] = key.split('.');
      const { doc, example } = optionOf(key);
      return {
        key,
        sentence: `${key} is missing. ${doc} Give ${flagOf(key)} ${example}, or ${variableOf(key)}=${example}, or in the file "${group}: { ${leaf}: ${example} }".`,
      };
    }),
  );
}

/** Throws when a role that is about to start lacks an option. */
export function requireFor(startedRoles: readonly Role[], config: Config): void {
  if (startedRoles.includes('updater')) speakerIdentity(config);
}

function fromFile({ file }: Sources, problems: Problem[]): Map<OptionKey, Given> {
  const layer = new Map<OptionKey, Given>();
  if (file === undefined) return layer;
  for (const { key, value, line } of readConfigFile(file)) {
    const origin = `${file.name} line ${line}`;
    if (isOptionKey(key)) take(layer, key, { value, origin }, problems);
    else problems.push(unknownOption(key, origin, key, optionKeys));
  }
  return layer;
}

function fromEnvironment({ env }: Sources, problems: Problem[]): Map<OptionKey, Given> {
  const layer = new Map<OptionKey, Given>();
  const keys = new Map(optionKeys.map((key) => [variableOf(key), key]));
  for (const [variable, text] of Object.entries(env)) {
    if (text === undefined || !variable.startsWith('COREBGP_') || toolVariable.test(variable)) continue;
    if (variable === urlVariable) continue;
    const key = keys.get(variable);
    if (key === undefined) problems.push(unknownOption(variable, 'the environment', variable, [...keys.keys()]));
    else take(layer, key, { value: fromText(key, text), origin: variable }, problems);
  }
  const url = env[urlVariable];
  if (url !== undefined) {
    const other = layer.get('client.url');
    if (other !== undefined && other.value !== url) {
      problems.push({
        key: 'client.url',
        sentence: `${urlVariable} and ${other.origin} are the same option but differ; unset one.`,
      });
    } else take(layer, 'client.url', { value: url, origin: urlVariable }, problems);
  }
  return layer;
}

function fromFlags({ flags }: Sources, problems: Problem[]): Map<OptionKey, Given> {
  const layer = new Map<OptionKey, Given>();
  for (const [key, text] of Object.entries(flags)) {
    if (isOptionKey(key)) take(layer, key, { value: fromText(key, text), origin: flagOf(key) }, problems);
  }
  return layer;
}

function take(layer: Map<OptionKey, Given>, key: OptionKey, given: Given, problems: Problem[]): void {
  const found = problemsOf(key, given);
  problems.push(...found);
  // A wrong value stays out, so that defaults made from it don't add problems of their own.
  if (found.length === 0) layer.set(key, given);
}

function problemsOf(key: OptionKey, { value, origin }: Given): readonly Problem[] {
  const option = optionOf(key);
  const fits = Value.Check(option.schema, value);
  const more = fits ? option.problem?.(value) : undefined;
  if (fits && more === undefined) return [];
  const found = value === null ? 'nothing' : typeof value === 'object' ? JSON.stringify(value) : `"${show(value)}"`;
  const why = more === undefined ? '' : ` (${more})`;
  return [
    {
      key,
      sentence: `${key} from ${origin} is ${found}; it must be ${option.allowed}${why}, for example ${option.example}.`,
    },
  ];
}

function unknownOption(word: string, origin: string, key: string, known: readonly string[]): Problem {
  const meant = nearest(word, known);
  const hint = meant === undefined ? '"corebgp config" lists all there are' : `did you mean ${meant}?`;
  return { key, sentence: `${word} (from ${origin}) is no option; ${hint}${meant === undefined ? '.' : ''}` };
}

/** Text of a variable or flag as the schema's type; what doesn't convert stays text, for the schema to refuse. */
function fromText(key: OptionKey, text: string): unknown {
  const { schema } = optionOf(key);
  const type: unknown = 'type' in schema ? schema.type : 'string';
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'array') return text === '' ? [] : text.split(',').map((part) => part.trim());
  return text;
}

function problemsError(problems: readonly Problem[]): CoreBgpError {
  const [first] = problems;
  const sentences = problems.map((problem) => problem.sentence);
  const detail =
    sentences.length === 1
      ? (sentences[0] ?? '')
      : `${sentences.length} problems in the configuration:\n  - ${sentences.join('\n  - ')}`;
  return new CoreBgpError('invalid', detail, { field: first?.key });
}

function nested(values: ReadonlyMap<OptionKey, Given>): Config {
  const config: Record<string, Record<string, unknown>> = {};
  for (const [key, { value }] of values) {
    const [group = '', leaf = ''] = key.split('.');
    config[group] = { ...config[group], [leaf]: value };
  }
  // Every value has passed the schema that the type is inferred from.
  return config as unknown as Config;
}

function originsOf(values: ReadonlyMap<OptionKey, Given>): Record<OptionKey, Origin> {
  return Object.fromEntries([...values].map(([key, { origin }]) => [key, origin])) as Record<OptionKey, Origin>;
}
