import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plotRows, sampled, sinceOf, type TrendPoint } from './trend';

const STEP = 1000;
const point = (at: number, used = 1, limit: number | null = 10): TrendPoint => ({ at, used, limit });

describe('plotRows', () => {
  it('keeps points, and a hole where nothing was known', () => {
    const rows = plotRows([point(0), point(1000), point(5000)], STEP);
    expect(rows.map(({ at, used }) => [at, used])).toEqual([
      [0, 1],
      [1000, 1],
      [2000, null],
      [5000, 1],
    ]);
  });

  it('draws what is expected from the last point to the limit', () => {
    const expected = { fullAt: 3000, earliest: 2500, latest: 4000 };
    const rows = plotRows([point(0), point(1000), point(2000, 5)], STEP, expected);
    expect(rows.slice(-2)).toEqual([
      { at: 2000, used: 5, limit: 10, expected: 5 },
      { at: 3000, used: null, limit: 10, expected: 10 },
    ]);
  });

  it('looks no further ahead than back', () => {
    const rows = plotRows([point(0, 0), point(1000, 2)], STEP, { fullAt: 5000, earliest: 1, latest: null });
    expect(rows.at(-1)).toEqual({ at: 2000, used: null, limit: 10, expected: 4 });
  });

  it('expects nothing without a limit, or of what is full', () => {
    const expected = { fullAt: 9000, earliest: 8000, latest: null };
    expect(plotRows([point(0, 1, null)], STEP, expected)).toHaveLength(1);
    expect(plotRows([point(9500)], STEP, expected)).toHaveLength(1);
    expect(plotRows([], STEP, expected)).toEqual([]);
  });

  it('never loses or moves a point', () => {
    const series = fc
      .uniqueArray(fc.integer({ min: 0, max: 10_000_000 }))
      .map((ats) => ats.sort((a, b) => a - b));
    fc.assert(
      fc.property(series, (ats) => {
        const rows = plotRows(
          ats.map((at) => point(at)),
          STEP,
        );
        expect(rows.filter(({ used }) => used !== null).map(({ at }) => at)).toEqual(ats);
        expect(rows.map(({ at }) => at)).toEqual(rows.map(({ at }) => at).sort((a, b) => a - b));
      }),
    );
  });
});

it('samples evenly, with both ends', () => {
  expect(sampled([1, 2, 3], 5)).toEqual([1, 2, 3]);
  expect(sampled([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 3)).toEqual([0, 5, 10]);
});

it('tells when a period began', () => {
  expect(sinceOf('2d', Date.UTC(2026, 10, 21))).toBe('2026-11-19T00:00:00.000Z');
});
