import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration } from './duration';
import { graceTexts, parseGrace } from './grace';

describe('a grace period', () => {
  it.each([
    ['7', '', 604_800],
    ['7', '0', 604_800],
    ['', '36', 129_600],
    ['0.5', '.5', 45_000],
    ['1', '1.5', 91_800],
  ])('of %s days and %s hours is %d s', (days, hours, seconds) => {
    expect(parseGrace({ days, hours })).toEqual({ ok: true, seconds });
  });

  it.each([
    ['', '', 'zero'],
    ['0', '0', 'zero'],
    ['a week', '', 'malformed'],
    ['-1', '', 'malformed'],
    ['.', '', 'malformed'],
    ['1e3', '', 'malformed'],
    ['50000', '', 'too_long'],
  ])('of %j days and %j hours is refused: %s', (days, hours, problem) => {
    expect(parseGrace({ days, hours })).toEqual({ ok: false, problem });
  });

  it('is written so that it reads back to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 - 1 }), (seconds) => {
        expect(parseGrace(graceTexts(seconds))).toEqual({ ok: true, seconds });
      }),
    );
    expect(graceTexts(604_800)).toEqual({ days: '7', hours: '0' });
    expect(graceTexts(91_800)).toEqual({ days: '1', hours: '1.5' });
  });
});

describe('formatDuration', () => {
  it.each([
    [604_800, 'en', '7 days'],
    [90_061, 'en', '1 day 1 hour 1 minute 1 second'],
    [0, 'en', '0 seconds'],
    [604_800, 'zh-CN', '7天'],
  ])('%d s in %s: %s', (seconds, locale, text) => {
    expect(formatDuration(seconds, locale)).toBe(text);
  });
});
