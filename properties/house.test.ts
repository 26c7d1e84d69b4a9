/** The house rules that a reader relies on: which folder may import which, what runs where, and how a file begins and ends. */
import { isBuiltin } from 'node:module';
import ts from 'typescript';
import { laws } from './laws.ts';
import { folders, nodesOf, sourcesOf, type Folder, type Source } from './sources.ts';

/** What each folder may import besides itself. */
const allowed: Readonly<Record<Folder, readonly Folder[]>> = {
  core: [],
  transforms: ['core'],
  infer: ['core', 'transforms'],
  examples: ['core', 'transforms', 'infer'],
  bench: ['core', 'transforms', 'infer', 'examples'],
  properties: folders,
};

const maxLines = 300;

/** Files that are longer because they hold one table, each with what it is a table of. */
const tables: Readonly<Record<string, string>> = {};

const all = sourcesOf(folders);
const library = all.filter(({ folder }) => folder === 'core' || folder === 'transforms' || folder === 'infer');

const fail = (complaints: readonly string[]): void => {
  if (complaints.length > 0) throw new Error(complaints.join('\n    '));
};

const lineOf = (source: Source, position: number): number => source.tree.getLineAndCharacterOfPosition(position).line + 1;

const wrongDirections = ({ path, folder, imports }: Source): readonly string[] =>
  imports.flatMap(({ target }) => {
    const other = folders.find((name) => target?.startsWith(`${name}/`));
    if (target === undefined || other === folder || (other !== undefined && allowed[folder].includes(other))) return [];
    return [`${path} imports ${target}, and ${folder} may import only from ${[folder, ...allowed[folder]].join(', ')}`];
  });

/** One import cycle, as the files on it, or `undefined`. */
const findCycle = (edges: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined => {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of edges.get(path) ?? []) {
      const cycle = visit(next, [...trail, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const path of edges.keys()) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
};

/** The comment that a file begins with, as running text. */
const openingComment = (text: string): string | undefined => /^\/\*\*\s*([\s\S]*?)\s*\*\//.exec(text)?.[1]?.replace(/\s*\n\s*\*\s?/g, ' ');

const linesOf = (text: string): number => text.replace(/\n$/, '').split('\n').length;

laws('house', {
  'core ← transforms ← infer ← examples, bench; nothing imports properties': () => fail(all.flatMap(wrongDirections)),

  'no import cycles': () => {
    const valueTargets = ({ imports }: Source): readonly string[] =>
      imports.flatMap(({ kind, target }) => (kind === 'value' && target !== undefined ? [target] : []));
    const cycle = findCycle(new Map(all.map((source) => [source.path, valueTargets(source)])));
    if (cycle !== undefined) fail([cycle.join(' → ')]);
  },

  'in the library only *.node.ts files import what only Node has': () =>
    fail(
      library
        .filter(({ path }) => !path.endsWith('.node.ts'))
        .flatMap(({ path, imports }) => imports.filter(({ specifier }) => isBuiltin(specifier)).map(({ specifier }) => `${path} imports ${specifier}`)),
    ),

  'what is used of tfjs is what core/tfjs.node.ts gives of it': () => {
    const given = new Set(library.find(({ path }) => path === 'core/tfjs.node.ts')!.text.match(/(?<=^export const )\w+/gm));
    const used = library
      .filter(({ imports }) => imports.some(({ specifier, kind }) => specifier === '#tfjs' && kind === 'value'))
      .flatMap(({ path, tree }) =>
        nodesOf(tree).flatMap((node) =>
          ts.isPropertyAccessExpression(node) && node.expression.getText(tree) === 'tf' ? [[path, node.name.text] as const] : [],
        ),
      );
    fail(used.flatMap(([path, name]) => (given.has(name) ? [] : [`${path} uses tf.${name}, which core/tfjs.node.ts does not export`])));
    const direct = library.filter(
      ({ path, imports }) => !path.endsWith('.node.ts') && imports.some(({ specifier, kind }) => specifier.startsWith('@tensorflow/') && kind === 'value'),
    );
    fail(direct.map(({ path }) => `${path} imports tfjs directly: take it from #tfjs, which loads five times as fast in Node`));
  },

  'every file begins with a /** comment */ that says what it is': () =>
    fail(all.filter(({ text }) => !/[.!?]$/.test(openingComment(text) ?? '')).map(({ path }) => `${path} does not begin with a /** sentence. */`)),

  'no file is longer than 300 lines, tables apart': () => {
    const long = all.filter(({ folder, text }) => folder !== 'bench' && folder !== 'properties' && linesOf(text) > maxLines);
    const isLong = (table: string): boolean => long.some(({ path }) => path === table);
    fail([
      ...long
        .filter(({ path }) => !(path in tables))
        .map(({ path, text }) => `${path} has ${linesOf(text)} lines: two concepts, or a table to list in this test?`),
      ...Object.keys(tables)
        .filter((table) => !isLong(table))
        .map((table) => `${table} need not be listed as a table in this test`),
    ]);
  },

  'no any': () =>
    fail(
      all.flatMap((source) =>
        nodesOf(source.tree)
          .filter((node) => node.kind === ts.SyntaxKind.AnyKeyword)
          .map((node) => `${source.path}:${lineOf(source, node.getStart())} says any`),
      ),
    ),
});
