// The declarations of corebgp/client as one file: what src/client/published.ts exports, and what that needs, from all files it stands in.
// No statement of it may need a package, so that a user's compiler reads this file and no other.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root, StepError } from './steps.mjs';

const entry = join(root, 'src/client/published.ts');

const head = `/** Client of CoreBGP's API: connect gives one function a call. The manual is docs/client.md of this package. */
`;
/** Of whoever gives the type: the DOM's library or Node's types; whoever has neither can't make one. */
const abortSignal = `
type AbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Given } } ? Given : object;
`;

/** @returns the text of the file. */
export async function clientTypes() {
  const { default: ts } = await import('typescript');
  const files = new Map();
  /** Statements, imports and re-exports of one source file by their names. */
  const read = (path) => {
    const known = files.get(path);
    if (known !== undefined) return known;
    const file = declarationsOf(ts, path);
    files.set(path, file);
    return file;
  };

  /** Where a name is declared. @returns undefined for what is no declaration of ours: a global, a type parameter. */
  const find = (path, name) => {
    const { statements, imports, stars } = read(path);
    if (statements.has(name)) return { path, name };
    const from = imports.get(name);
    if (from?.path === undefined && from !== undefined) {
      throw new StepError(
        `the types of the client need ${name} of ${from.specifier} (${relative(root, path)}); they may need no package`,
      );
    }
    if (from !== undefined) return find(from.path, from.name);
    for (const star of stars) {
      const found = find(star, name);
      if (found !== undefined) return found;
    }
    return undefined;
  };

  const published = exportedNames(read, entry);
  const chosen = new Map();
  const queue = [...published].map((name) => find(entry, name));
  for (let place = queue.shift(); place !== undefined; place = queue.shift()) {
    const { path, name } = place;
    const other = chosen.get(name);
    if (other !== undefined && other.path !== path) {
      throw new StepError(`${name} is declared in ${relative(root, other.path)} and in ${relative(root, path)}`);
    }
    if (other !== undefined) continue;
    const { text, statement } = read(path).statements.get(name);
    chosen.set(name, { path, statement, text: shown(ts, text, statement, published.has(name)) });
    if (mentionsAny(ts, statement)) {
      throw new StepError(
        `${name} in ${relative(root, path)} needs an explicit type: it is part of the types of the client`,
      );
    }
    queue.push(
      ...references(ts, statement)
        .map((reference) => find(path, reference))
        .filter((found) => found !== undefined),
    );
  }
  const rank = ({ statement }) => (ts.isFunctionDeclaration(statement) ? 0 : ts.isClassDeclaration(statement) ? 1 : 2);
  const parts = [...chosen.values()].sort((a, b) => rank(a) - rank(b)).map(({ text }) => text);
  const signals = parts.some((text) => /\bAbortSignal\b/.test(text)) ? [abortSignal] : [];
  return [head, ...signals, ...parts.map((text) => `\n${text}\n`), '\nexport {};\n'].join('');
}

/** Types as they are written, of this file alone: nothing is inferred, hence the check for `any`. */
function declarationsOf(ts, path) {
  const compilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext };
  const { outputText } = ts.transpileDeclaration(readFileSync(path, 'utf8'), { fileName: path, compilerOptions });
  const source = ts.createSourceFile(`${path}.d.ts`, outputText, ts.ScriptTarget.ESNext, true);
  const statements = new Map();
  const imports = new Map();
  const stars = [];
  const target = ({ text }) => (text.startsWith('.') ? join(dirname(path), text) : undefined);
  for (const statement of source.statements) {
    const bindings = ts.isImportDeclaration(statement)
      ? statement.importClause?.namedBindings
      : ts.isExportDeclaration(statement)
        ? statement.exportClause
        : undefined;
    if (ts.isExportDeclaration(statement) && bindings === undefined && statement.moduleSpecifier) {
      stars.push(target(statement.moduleSpecifier));
    } else if (bindings?.elements && statement.moduleSpecifier) {
      for (const { name, propertyName } of bindings.elements) {
        const from = { path: target(statement.moduleSpecifier), specifier: statement.moduleSpecifier.text };
        imports.set(name.text, {
          ...from,
          name: (propertyName ?? name).text,
          exported: ts.isExportDeclaration(statement),
        });
      }
    } else if (ts.isImportDeclaration(statement)) {
      const { name } = statement.importClause ?? {};
      if (name) imports.set(name.text, { path: undefined, specifier: statement.moduleSpecifier.text });
    } else {
      // A schema and its type share a name; what needs a schema fails for its `any`.
      const names = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
      for (const { name } of names) if (name) statements.set(name.text, { statement, text: outputText });
    }
  }
  return { statements, imports, stars };
}

function exportedNames(read, path) {
  const { statements, imports, stars } = read(path);
  const reexported = [...imports].filter(([, { exported }]) => exported).map(([name]) => name);
  return new Set([...reexported, ...statements.keys(), ...stars.flatMap((star) => [...read(star).statements.keys()])]);
}

/** The statement with the last comment above it, and `export` only where it is. */
function shown(ts, text, statement, exported) {
  const comment = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc).at(-1);
  const about = comment === undefined ? '' : `${comment.getText()}\n`;
  const code = text.slice(statement.getStart(), statement.getEnd()).replace(/^export /, '');
  return `${about}${exported ? 'export ' : ''}${code.replace(/^( {4})+/gm, (indent) => indent.slice(indent.length / 2))}`;
}

/** Names of types, and of values whose type is asked for. */
function references(ts, statement) {
  const names = new Set();
  const first = (name) => (ts.isQualifiedName(name) ? first(name.left) : name.text);
  const visit = (node) => {
    if (ts.isTypeReferenceNode(node)) names.add(first(node.typeName));
    if (ts.isTypeQueryNode(node)) names.add(first(node.exprName));
    if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression)) names.add(node.expression.text);
    if (ts.isImportTypeNode(node))
      throw new StepError('the types of the client hold an import(): name the type instead');
    ts.forEachChild(node, visit);
  };
  visit(statement);
  return [...names];
}

function mentionsAny(ts, node) {
  return (
    node.kind === ts.SyntaxKind.AnyKeyword ||
    ts.forEachChild(node, (child) => mentionsAny(ts, child) || undefined) === true
  );
}
