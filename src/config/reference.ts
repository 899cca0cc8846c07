/** The reference of all options, as Markdown. */
import { flagOf, optionKeys, optionOf, variableOf } from './options.ts';

/** The text of docs/reference/config.md. */
export function configReference(): string {
  const sections = optionKeys.map((key) => {
    const option = optionOf(key);
    return [
      `## ${key}`,
      '',
      option.doc,
      '',
      '| | |',
      '|---|---|',
      `| must be | ${option.allowed} |`,
      `| default | ${option.fallbackDoc.replaceAll('<', '&lt;')} |`,
      `| example | \`${option.example}\` |`,
      `| variable | \`${variableOf(key)}\` |`,
      `| flag | \`${flagOf(key)}\` |`,
      `| used by | ${['up', ...option.usedBy].join(', ')} |`,
      '',
    ].join('\n');
  });
  return `${introduction}\n${sections.join('\n')}`;
}

const introduction = `<!-- Generated from src/config/options.ts: change that, then run "npm run gen". -->
# Configuration

An option has one key. Its value comes from the first of these that gives one: the flag, the environment variable, the
file named by \`--config\`, the default. \`corebgp config\` prints every value in effect and where it came from.

The file is YAML, one mapping a group:

\`\`\`yaml
node:
  name: edge1
  zone: eu-1a
speaker:
  asn: 64512
  routerId: 192.0.2.1
\`\`\`

Keys, flags and \`COREBGP_\` variables that don't exist are errors, and so are values that are not allowed, also those that
another source overrides. Two more variables exist: \`COREBGP_URL\`, another name of \`COREBGP_CLIENT_URL\`, and
\`COREBGP_TOOL_<PROGRAM>\`, which names the file of an external program (\`COREBGP_TOOL_GOBGPD=/opt/gobgp/gobgpd\`).
In variables and flags a list is written with commas.
`;
