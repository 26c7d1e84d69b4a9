/** What the linter adds to the compiler: promises that are awaited, unions that are exhausted, imports that point downwards. */
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const folders = ['core', 'transforms', 'infer', 'examples', 'bench', 'properties'];

const fpTs = { regex: String.raw`^fp-ts(?!/lib/.+\.js$)`, message: "Node's ES modules find only 'fp-ts/lib/X.js'." };

const upwards = (folder, others) => ({
  files: [`${folder}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          fpTs,
          { regex: `^(\\.\\./)+(${others.join('|')})/`, message: `${folder} may not import these: core ← transforms ← infer ← examples, bench.` },
        ],
      },
    ],
  },
});

export default defineConfig(
  { ignores: ['dist/', 'docs/', 'out/'] },
  {
    files: ['**/*.ts'],
    plugins: { '@typescript-eslint': tseslint.plugin },
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-empty-object-type': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/no-unsafe-argument': 'error',
      '@typescript-eslint/no-unsafe-assignment': 'error',
      '@typescript-eslint/no-unsafe-call': 'error',
      '@typescript-eslint/no-unsafe-member-access': 'error',
      '@typescript-eslint/no-unsafe-return': 'error',
      '@typescript-eslint/no-unused-expressions': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/return-await': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Draw with a key: there is no global generator.' }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  ...folders.slice(0, -1).map((folder, i) => upwards(folder, folder === 'examples' ? ['bench', 'properties'] : folders.slice(i + 1))),
  { files: ['properties/**/*.ts'], rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [fpTs] }] } },
);
