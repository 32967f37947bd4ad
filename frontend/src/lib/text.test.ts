import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { formatRelative } from './duration';
import { formatPercent } from './percent';
import { loginPath, safeReturnTo } from './returnTo';
import { nextSort, readSort } from './sort';
import { quotaLevel } from './status';
import { readUrl } from './urlState';

const DAY = 86_400;

describe('formatRelative', () => {
  it.each([
    [3 * DAY + 5, 'en', 'in 3 days'],
    [3 * DAY - 1, 'en', 'in 2 days'],
    [-90, 'en', '1 minute ago'],
    [59, 'en', 'in 59 seconds'],
    [400 * DAY, 'en', 'in 1 year'],
    [3 * DAY, 'zh-CN', '3天后'],
  ])('%d s in %s: %s', (seconds, locale, text) => {
    expect(formatRelative(seconds, locale)).toBe(text);
  });
});

describe('formatPercent', () => {
  it.each([
    [0, '0%'],
    [4.67, '4.6%'],
    [46.9, '46%'],
    [99.99, '99%'],
    [100, '100%'],
    [1250, '1,250%'],
  ])('%d is %s: never rounded up', (percent, text) => {
    expect(formatPercent(percent, 'en')).toBe(text);
  });
});

describe('safeReturnTo', () => {
  it.each(['/', '/hosts/host1?page=2'])('keeps %s', (path) => {
    expect(safeReturnTo(path)).toBe(path);
  });

  it.each([
    null,
    '',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/login?return_to=/login',
    '/\n/x',
  ])('leads %j home', (path) => {
    expect(safeReturnTo(path)).toBe('/');
  });

  it('is escaped in the address of the login page', () => {
    expect(loginPath('/audit?q=a&b=c')).toBe('/login?return_to=%2Faudit%3Fq%3Da%26b%3Dc');
  });
});

describe('sort', () => {
  it('goes down first, then up', () => {
    expect(nextSort('name', 'percent')).toBe('-percent');
    expect(nextSort('-percent', 'percent')).toBe('percent');
    expect(nextSort('percent', 'percent')).toBe('-percent');
    expect(readSort('-percent')).toEqual({ field: 'percent', descending: true });
  });
});

describe('quotaLevel', () => {
  it.each([
    ['ok', 89.9, 'ok'],
    ['ok', 90, 'near'],
    ['ok', null, 'ok'],
    ['soft_exceeded', 95, 'soft_exceeded'],
  ] as const)('%s at %s is %s', (status, percent, level) => {
    expect(quotaLevel(status, percent)).toBe(level);
  });
});

describe('readUrl', () => {
  const schema = z.object({
    page: z._default(z.coerce.number().check(z.int(), z.positive()), 1),
    q: z._default(z.string(), ''),
    status: z.optional(z.enum(['ok'])),
  });

  it('passes over what it does not understand, and keeps the rest', () => {
    expect(readUrl(schema, new URLSearchParams('page=zero&q=al&status=bad&x=1'))).toEqual({
      page: 1,
      q: 'al',
    });
    expect(readUrl(schema, new URLSearchParams('page=3&status=ok'))).toEqual({
      page: 3,
      q: '',
      status: 'ok',
    });
  });
});
