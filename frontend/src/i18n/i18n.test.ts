import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { sourceFiles, stringsOf } from '@/test/strings';

const en = stringsOf('en');
const zh = stringsOf('zh');
const placeholders = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map(([, name]) => name).sort();

describe('the languages', () => {
  it('have the same keys', () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort());
  });

  it('fill in the same values, and leave no text empty', () => {
    for (const [key, text] of en) {
      expect(text, key).not.toBe('');
      expect(placeholders(zh.get(key) ?? ''), key).toEqual(placeholders(text));
    }
  });

  it('are really two', () => {
    const same = [...en].filter(
      ([key, text]) => zh.get(key) === text && /[a-z]{3}/i.test(text.replace(/{{\w+}}|qman|GiB/g, '')),
    );
    expect(same).toEqual([]);
  });

  it('have no key that nothing uses', () => {
    const all = sourceFiles()
      .map(({ text }) => text)
      .join('\n');
    // `quota.${level}` uses every key below quota.
    const prefixes = [...all.matchAll(/[`'](?:(\w+):)?([\w.]*)\$\{/g)]
      .map(([, , prefix]) => prefix ?? '')
      .filter((p) => p.endsWith('.'));
    const literals = new Set([...all.matchAll(/['"`](?:\w+:)?([\w.]+)['"`]/g)].map(([, key]) => key));
    const unused = [...en.keys()].filter((full) => {
      const key = full.slice(full.indexOf(':') + 1);
      return !literals.has(key) && !prefixes.some((prefix) => key.startsWith(prefix));
    });
    expect(unused).toEqual([]);
  });
});

const SPOKEN_ATTRIBUTES = new Set([
  'label',
  'aria-label',
  'title',
  'placeholder',
  'alt',
  'description',
  'text',
  'header',
  'subtitle',
]);

/** Words that stand in the markup itself, and so in one language only. */
function hardCoded(path: string, text: string): string[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const hasLetters = (value: string) => /\p{L}{2,}/u.test(value);
  const visit = (node: ts.Node) => {
    if (ts.isJsxText(node) && hasLetters(node.text)) found.push(`${path}: ${node.text.trim()}`);
    if (ts.isJsxAttribute(node) && node.initializer !== undefined && ts.isStringLiteral(node.initializer)) {
      const { text: value } = node.initializer;
      if (SPOKEN_ATTRIBUTES.has(node.name.getText(source)) && hasLetters(value))
        found.push(`${path}: ${value}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('the markup', () => {
  it('has no words of its own', () => {
    expect(sourceFiles().flatMap(({ path, text }) => hardCoded(path, text))).toEqual([]);
  });

  it('would be caught if it had', () => {
    expect(hardCoded('x.tsx', '<p title="Some words">Other words {t("key")}</p>')).toHaveLength(2);
  });
});
