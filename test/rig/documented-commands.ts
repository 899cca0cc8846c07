/** The commands and files that a Markdown page or a verb's help shows, in their order, ready to be run by a shell. */

export type DocumentedStep =
  /** A file that the page shows: the first line of its block is a comment with its name. */
  | { readonly type: 'file'; readonly name: string; readonly text: string; readonly line: number }
  /** A line of a `sh` block. */
  | {
      readonly type: 'command';
      readonly command: string;
      readonly exitCode: number;
      /** HTTP status of the problem that the API is to answer to it; undefined = none. */
      readonly answered: string | undefined;
      readonly line: number;
    };

const isCommand = /^([A-Z_]+=("[^"]*"|\S+) )*((bin\/)?corebgp\b|curl\b|source <\(corebgp\b)/;

/** `# exit code 3` at the end of a line says that this is how it ends; else it is 0. */
/** `# answered 412` says the same of a call of the API. */
const saidAnswer = /\s#.*\banswered (\d{3})\b.*$/;
const saidExitCode = /\s#.*\bexit code (\d+)\b.*$/;

/** Only fenced blocks count: `sh` for commands, and any other language for files. */
export function documentedSteps(markdown: string): readonly DocumentedStep[] {
  const steps: DocumentedStep[] = [];
  const lines = markdown.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const [, language] = /^```(\w*)/.exec(lines[index] ?? '') ?? [];
    if (language === undefined) continue;
    const first = index + 1;
    let last = first;
    while (last < lines.length && !/^```/.test(lines[last] ?? '')) last += 1;
    const block = lines.slice(first, last);
    if (language === 'sh') steps.push(...commandsOf(block, first + 1));
    else {
      const [, name] = /^# ([\w.-]+\.(?:ya?ml|json))$/.exec(block[0] ?? '') ?? [];
      if (name !== undefined) steps.push({ type: 'file', name, text: `${block.join('\n')}\n`, line: first + 1 });
    }
    index = last;
  }
  return steps;
}

/** A line that ends with a backslash goes on in the next. */
export function commandsOf(block: readonly string[], firstLine: number): readonly DocumentedStep[] {
  const steps: DocumentedStep[] = [];
  for (let index = 0; index < block.length; index += 1) {
    const line = firstLine + index;
    let text = block[index] ?? '';
    while (text.endsWith('\\') && index + 1 < block.length) {
      index += 1;
      text = `${text.slice(0, -1)}${block[index]?.trim() ?? ''}`;
    }
    if (!isCommand.test(text)) continue;
    const exitCode = Number(saidExitCode.exec(text)?.[1] ?? 0);
    const answered = saidAnswer.exec(text)?.[1];
    steps.push({ type: 'command', command: text.replace(/\s+#\s.*$/, ''), exitCode, answered, line });
  }
  return steps;
}
