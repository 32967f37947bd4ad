import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Tree {
  [key: string]: string | Tree;
}

const SRC = join(import.meta.dirname, '..');

/** `status:quota.ok` -> text, for one language; plural forms count as one key. */
export function stringsOf(language: string): Map<string, string> {
  const folder = join(SRC, 'i18n', language);
  const found = new Map<string, string>();
  const walk = (prefix: string, tree: Tree) => {
    for (const [key, value] of Object.entries(tree)) {
      if (typeof value === 'string') found.set(prefix + key.replace(/_(one|other)$/, ''), value);
      else walk(`${prefix}${key}.`, value);
    }
  };
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
    walk(`${file.replace('.json', '')}:`, JSON.parse(readFileSync(join(folder, file), 'utf8')) as Tree);
  }
  return found;
}

/** Our own source files, without tests and what is generated. */
export function sourceFiles(): { path: string; text: string }[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !/\.test\.|\.d\.ts$|^test\/|api\/generated/.test(path))
    .map((path) => ({ path, text: readFileSync(join(SRC, path), 'utf8') }));
}
