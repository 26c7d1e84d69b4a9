/** The `@example` blocks of docstrings as modules to run: names are imported for them, and the values in their comments are checked. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { repositoryRoot } from './root.ts';
import { nodesOf, parse, type Source } from './sources.ts';

export interface DocExample {
  /** Such as `core/shape.ts:12`. */
  readonly place: string;
  readonly code: string;
}

/** Where names come from that an example uses without declaring them; the first that has a name gives it. */
export interface NameSource {
  readonly specifier: string;
  readonly names: readonly string[];
}

export const builtUrl = (source: string): string => pathToFileURL(join(repositoryRoot, 'dist', source.replace(/\.ts$/, '.js'))).href;

/** The `@example` blocks of a text, each with the line its code starts on. Lines of three backticks are left out. */
export const examplesOf = (path: string, text: string): readonly DocExample[] =>
  [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(({ 0: comment, index }) => {
    const firstLine = text.slice(0, index).split('\n').length;
    const examples: { line: number; code: string[] }[] = [];
    let isExample = false;
    comment.split('\n').forEach((raw, i) => {
      const line = raw.replace(/^\s*(?:\/\*\*|\*(?!\/))? ?/, '').replace(/\s*\*\/$/, '');
      const tag = /^@(\w+)\s*(.*)$/.exec(line);
      if (tag !== null) isExample = tag[1] === 'example';
      if (!isExample) return;
      if (tag !== null) examples.push({ line: firstLine + i, code: [tag[2] ?? ''] });
      else examples.at(-1)?.code.push(line.startsWith('```') ? '' : line);
    });
    return examples.map(({ line, code }) => ({ place: `${path}:${line}`, code: code.join('\n') }));
  });

/** Names that the top level of a file exports by declaring them. */
export const exportedNames = ({ tree }: Source): readonly string[] =>
  tree.statements.flatMap((statement) => {
    const isExported = ts.canHaveModifiers(statement) && ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    return isExported === true ? valueNames(statement) : [];
  });

const bindingNames = (name: ts.BindingName): readonly string[] =>
  ts.isIdentifier(name) ? [name.text] : name.elements.flatMap((element) => (ts.isBindingElement(element) ? bindingNames(element.name) : []));

/** Names that a statement declares as values. */
const valueNames = (statement: ts.Statement): readonly string[] => {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => bindingNames(name));
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) return statement.name === undefined ? [] : [statement.name.text];
  if (!ts.isImportDeclaration(statement)) return [];
  return nodesOf(statement).flatMap((node) => (ts.isIdentifier(node) ? [node.text] : []));
};

const importsFor = (tree: ts.SourceFile, from: readonly NameSource[]): string => {
  const declared = new Set(tree.statements.flatMap(valueNames));
  const used = new Set(nodesOf(tree).flatMap((node) => (ts.isIdentifier(node) ? [node.text] : [])));
  const wanted = [...used].filter((name) => !declared.has(name));
  return wanted
    .flatMap((name) => {
      const source = from.find(({ names }) => names.includes(name));
      return source === undefined ? [] : [`import { ${name} } from ${JSON.stringify(source.specifier)};`];
    })
    .join(' ');
};

/** What is checked of `console.log(x); // value` is x. */
const subjectOf = (expression: ts.Expression): ts.Expression => {
  const isLog = ts.isCallExpression(expression) && expression.expression.getText() === 'console.log' && expression.arguments.length === 1;
  return isLog ? (expression.arguments[0] ?? expression) : expression;
};

/** A statement with its check, where a comment behind it shows a value or says that it throws. */
const withCheck = (code: string, statement: ts.Statement): string => {
  const comment = ts.getTrailingCommentRanges(code, statement.end)?.find(({ kind }) => kind === ts.SyntaxKind.SingleLineCommentTrivia);
  const source = statement.getText();
  if (comment === undefined) return source;
  const shown = code
    .slice(comment.pos + 2, comment.end)
    .trim()
    .replace(/^(=>|→)\s*/, '');
  const throws = /^throws\b\s*(.*)$/.exec(shown);
  if (throws !== null) return `await checkThrows(async () => { ${source} }, ${JSON.stringify(throws[1])});`;
  if (!ts.isExpressionStatement(statement)) return source;
  return `await checkShown(async () => (${subjectOf(statement.expression).getText()}), ${JSON.stringify(shown)});`;
};

/** The JavaScript module that runs an example and throws where it does not do what it shows. */
export const toModule = ({ code }: DocExample, from: readonly NameSource[]): string => {
  const tree = parse('example.ts', code);
  const body = tree.statements.map((statement) => withCheck(code, statement)).join('\n');
  const checks = `import { checkShown, checkThrows } from ${JSON.stringify(builtUrl('properties/docChecks.ts'))};`;
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  return ts.transpileModule(`${checks} ${importsFor(tree, from)}\n${body}`, { compilerOptions: options }).outputText;
};
