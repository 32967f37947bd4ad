import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const master = process.env.QMAN_MASTER_URL ?? 'http://localhost:8436';

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    outDir: '../static',
    emptyOutDir: true,
    assetsDir: 'assets',
    // The CSP of the master knows no data: scripts, and its polyfill would be one more request.
    modulePreload: { polyfill: false },
    // Listed in a manifest so that the size limit can add up what the first page loads.
    manifest: true,
  },
  server: {
    port: Number(process.env.QMAN_VITE_PORT ?? 5173),
    strictPort: true,
    proxy: { '/api': master, '/auth': master },
  },
  test: {
    environment: 'jsdom',
    environmentOptions: { jsdom: { url: 'http://localhost:3000/' } },
    setupFiles: ['src/test/setup.ts'],
    testTimeout: 20_000,
    css: false,
    maxWorkers: 2,
  },
});
