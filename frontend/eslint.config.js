import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** Layers from the inside out: a layer may import what stands before it, never what stands after it. */
const forbid = (...layers) => ({
  'no-restricted-imports': [
    'error',
    {
      patterns: [
        {
          group: layers.map((layer) => `@/${layer}/**`),
          message: 'Imports go app -> features -> components, api -> lib.',
        },
        { group: ['../**'], message: 'Folders are flat: reach other layers by @/, neighbours by ./.' },
      ],
    },
  ],
});

export default tseslint.config(
  { ignores: ['src/api/generated/**', 'node_modules/**', 'coverage/**'] },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  reactHooks.configs.flat.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', 'scripts/*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      'max-lines': ['error', 300],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      // Numbers in templates are plain; what people read goes through lib/format.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // JSX handlers are often one call whose value nobody reads.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
    },
  },
  { files: ['src/lib/**'], rules: forbid('app', 'features', 'components', 'api', 'test') },
  { files: ['src/api/**'], rules: forbid('app', 'features', 'components', 'test') },
  { files: ['src/components/**'], rules: forbid('app', 'features', 'test') },
  { files: ['src/features/**'], rules: forbid('app', 'features', 'test') },
  { files: ['src/app/**'], rules: forbid('test') },
  // Tests may use the test room, and say the unlikely on purpose.
  { files: ['src/**/*.test.{ts,tsx}'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['*.js', 'scripts/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
);
