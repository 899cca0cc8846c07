// The declarations of corebgp/client, as its users' compilers read them: those that src/client/published.ts reaches, and no others.
import { dirname, join, relative } from 'node:path';
import { root, StepError } from './steps.mjs';

const entry = 'client/published.d.ts';
const specifiers = /(\bfrom |\bimport\(|\bimport )(['"])(\.{1,2}\/[^'"]+)\.ts\2/g;

/** @returns the text of each file, by its path below the folder of declarations. */
export async function clientTypes() {
  const { default: ts } = await import('typescript');
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const files = ['src/client/published.ts'];
  const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, root);
  const out = join(root, '.cache/types');
  const program = ts.createProgram(fileNames, {
    ...options,
    noEmit: false,
    incremental: false,
    tsBuildInfoFile: undefined,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: out,
    rootDir: join(root, 'src'),
  });
  const emitted = new Map();
  const { diagnostics } = program.emit(undefined, (path, text) => emitted.set(relative(out, path), text));
  if (diagnostics.length > 0) {
    throw new StepError(`no declarations: ${ts.flattenDiagnosticMessageText(diagnostics[0].messageText, '\n')}`);
  }
  const reached = new Map();
  const visit = (path) => {
    const text = emitted.get(path);
    if (text === undefined) throw new StepError(`${path} is imported, but was not emitted`);
    if (reached.has(path)) return;
    // Node's resolution wants the name of the file that would be run.
    reached.set(path, text.replace(specifiers, '$1$2$3.js$2'));
    for (const [, , , specifier] of text.matchAll(specifiers)) visit(join(dirname(path), `${specifier}.d.ts`));
  };
  visit(entry);
  return reached;
}
