import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  input: process.env.QMAN_OPENAPI ?? '../docs/openapi/master.json',
  output: { path: process.env.QMAN_GENERATED ?? 'src/api/generated' },
  plugins: [
    { name: '@hey-api/client-axios', runtimeConfigPath: '../config' },
    '@hey-api/typescript',
    // The tree-shakable half of zod: it is part of the first load.
    { name: 'zod', compatibilityVersion: 'mini' },
    { name: '@hey-api/sdk', validator: { response: 'zod' } },
    { name: '@tanstack/react-query', infiniteQueryOptions: false, infiniteQueryKeys: false },
  ],
});
