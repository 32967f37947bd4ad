import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countText, gibText, MAX_COUNT, MAX_KIB, parseCount, parseGib } from './gib';

const KIB_PER_GIB = 1024 ** 2;

describe('gibText and parseGib', () => {
  it('give back exactly the KiB that the wire had', () => {
    const limits = fc.oneof(
      fc.integer({ min: 0, max: MAX_KIB }),
      fc.integer({ min: 0, max: 10_000_000 }),
      fc.integer({ min: 1, max: 10_000 }).map((gib) => gib * KIB_PER_GIB),
    );
    fc.assert(
      fc.property(limits, (kib) => {
        expect(parseGib(gibText(kib))).toEqual({ ok: true, value: kib });
      }),
      { numRuns: 5000 },
    );
  });

  it('write what a person would write', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8_000_000 }), (gib) => {
        expect(gibText(gib * KIB_PER_GIB)).toBe(String(gib));
      }),
    );
    expect(gibText(KIB_PER_GIB / 2)).toBe('0.5');
    expect(gibText(0)).toBe('');
    expect(gibText(1)).toBe('0.000001');
  });

  it.each([
    ['10', 10 * KIB_PER_GIB],
    [' 1.5 ', 1.5 * KIB_PER_GIB],
    ['.25', KIB_PER_GIB / 4],
    ['2.', 2 * KIB_PER_GIB],
    ['0.3333333', 349_525],
    ['', 0],
    ['8388608', MAX_KIB],
  ])('reads %j as %d KiB', (text, kib) => {
    expect(parseGib(text)).toEqual({ ok: true, value: kib });
  });

  it.each(['1,5', '1e3', '-1', '+1', '10GB', '1 000', '0x10', '.', 'Infinity', '١'])('refuses %j', (text) => {
    expect(parseGib(text)).toEqual({ ok: false, problem: 'malformed' });
  });

  it.each(['0', '0.0', '.0', '0.0000001'])('never takes a typed %j for unlimited', (text) => {
    expect(parseGib(text)).toEqual({ ok: false, problem: 'zero' });
  });

  it('refuses more than the wire takes', () => {
    expect(parseGib('8388608.000001')).toEqual({ ok: false, problem: 'too_large' });
    expect(parseGib('9'.repeat(400))).toEqual({ ok: false, problem: 'too_large' });
  });
});

describe('parseCount and countText', () => {
  it('are exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_COUNT }), (count) => {
        expect(parseCount(countText(count))).toEqual({ ok: true, value: count });
      }),
    );
  });

  it.each([
    ['0', 'zero'],
    ['000', 'zero'],
    ['1.5', 'malformed'],
    ['-1', 'malformed'],
    ['9007199254740992', 'too_large'],
  ])('refuses %j as %s', (text, problem) => {
    expect(parseCount(text)).toEqual({ ok: false, problem });
  });
});
