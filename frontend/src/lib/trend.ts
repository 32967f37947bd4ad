/** One figure in time: bytes used and the limit then, null where there was none. */
export interface TrendPoint {
  /** Milliseconds since 1970. */
  at: number;
  used: number;
  limit: number | null;
}

/** When a series is expected to reach its limit, in milliseconds since 1970; `latest` null: perhaps never. */
export interface Expected {
  fullAt: number;
  earliest: number;
  latest: number | null;
}

/** A line of a chart's data; null draws nothing, so that a gap stays a gap. */
export interface PlotRow {
  at: number;
  used: number | null;
  limit: number | null;
  expected: number | null;
}

const GAP = 1.5;

/**
 * What a chart draws: the points, a hole wherever nothing was known for more than a step and a half,
 * and from the last point on the expected line, as far into the future as the past reaches back.
 */
export function plotRows(points: TrendPoint[], stepMs: number, expected: Expected | null = null): PlotRow[] {
  const rows: PlotRow[] = [];
  let before: TrendPoint | undefined;
  for (const point of points) {
    if (before !== undefined && point.at - before.at > GAP * stepMs)
      rows.push({ at: before.at + stepMs, used: null, limit: null, expected: null });
    rows.push({ ...point, expected: null });
    before = point;
  }
  const last = rows.at(-1);
  const first = rows[0];
  if (expected === null || last === undefined || first === undefined || before === undefined) return rows;
  if (before.limit === null || expected.fullAt <= before.at) return rows;
  last.expected = before.used;
  const horizon = before.at + (before.at - first.at);
  const end = Math.min(expected.fullAt, Math.max(horizon, before.at + stepMs));
  const share = (end - before.at) / (expected.fullAt - before.at);
  rows.push({
    at: end,
    used: null,
    limit: before.limit,
    expected: before.used + (before.limit - before.used) * share,
  });
  return rows;
}

/** At most `count` of them, evenly spread, with the first and the last: for a table to read. */
export function sampled<T>(items: T[], count: number): T[] {
  if (items.length <= count) return items;
  const step = (items.length - 1) / (count - 1);
  return Array.from({ length: count }, (_, n) => items[Math.round(n * step)]).filter(
    (item): item is T => item !== undefined,
  );
}

export const PERIODS = ['2d', '30d', '90d', '1y'] as const;
export type Period = (typeof PERIODS)[number];

const DAY_MS = 86_400_000;
const LENGTH_MS: Record<Period, number> = {
  '2d': 2 * DAY_MS,
  '30d': 30 * DAY_MS,
  '90d': 90 * DAY_MS,
  '1y': 365 * DAY_MS,
};

/** The first instant of a period that ends now. */
export function sinceOf(period: Period, now: number): string {
  return new Date(now - LENGTH_MS[period]).toISOString();
}

/** Samples come every quarter of an hour; to ask more often would bring the same. */
export const SAMPLE_SECONDS = 900;
