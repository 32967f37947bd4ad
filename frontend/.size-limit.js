import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('../static/.vite/manifest.json', 'utf8'));

/** All chunks that the browser must have before it can run these. */
function closure(keys, seen = new Set()) {
  for (const key of keys) {
    if (seen.has(key)) continue;
    seen.add(key);
    closure(manifest[key].imports ?? [], seen);
  }
  return seen;
}

const files = (...keys) => [...closure(keys)].map((key) => `../static/${manifest[key].file}`);
const first = ['index.html', 'src/i18n/zh/index.ts'];

export default [
  { name: 'First load: shell, login, My usage, one language', path: files(...first), gzip: true, limit: '250 kB' },
  {
    name: 'The heaviest page on top: a device with its editor',
    path: files(...first, 'src/app/DeviceRoute.tsx'),
    gzip: true,
    limit: '300 kB',
  },
];
