/** The repository's own TypeScript, parsed: what the tests about imports, files and docstrings read. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ts from 'typescript';
import { filesBelow } from './files.ts';
import { repositoryRoot } from './root.ts';

/** The source folders, lowest first. */
export const folders = ['core', 'transforms', 'infer', 'examples', 'bench', 'properties'] as const;

export type Folder = (typeof folders)[number];

export interface Import {
  readonly specifier: string;
  /** A type import disappears when compiled; a dynamic one (`import('…')`) happens after loading. */
  readonly kind: 'value' | 'type' | 'dynamic';
  /** The imported file from the root, such as `core/shape.ts`; `undefined` for a package. */
  readonly target: string | undefined;
}

export interface Source {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly folder: Folder;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

/** `node` and every node below it, parents first. */
export const nodesOf = (node: ts.Node): readonly ts.Node[] => {
  const found: ts.Node[] = [];
  const visit = (next: ts.Node): void => {
    found.push(next);
    ts.forEachChild(next, visit);
  };
  visit(node);
  return found;
};

export const parse = (path: string, text: string): ts.SourceFile => ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);

const importOf = (path: string, node: ts.Node): Import | undefined => {
  const describe = (specifier: ts.Node | undefined, kind: Import['kind']): Import | undefined => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return undefined;
    const target = specifier.text.startsWith('.') ? posix.join(posix.dirname(path), specifier.text) : undefined;
    return { specifier: specifier.text, kind, target };
  };
  if (ts.isImportDeclaration(node)) return describe(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword ? 'type' : 'value');
  if (ts.isExportDeclaration(node)) return describe(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'value');
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return describe(node.argument.literal, 'type');
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return describe(node.arguments[0], 'dynamic');
  return undefined;
};

const read = (path: string, folder: Folder): Source => {
  const text = readFileSync(join(repositoryRoot, path), 'utf8');
  const tree = parse(path, text);
  return { path, folder, text, tree, imports: nodesOf(tree).flatMap((node) => importOf(path, node) ?? []) };
};

/** Every source file of these folders. */
export const sourcesOf = (wanted: readonly Folder[]): readonly Source[] =>
  wanted.flatMap((folder) => filesBelow(folder, '.ts').map((path) => read(path, folder)));
