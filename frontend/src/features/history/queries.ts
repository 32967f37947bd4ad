import { useQuery } from '@tanstack/react-query';
import {
  getForecastOptions,
  getHistoryOptions,
  getMyHistoryOptions,
} from '@/api/generated/@tanstack/react-query.gen';
import type { ForecastOut, HistoryOut } from '@/api/generated/types.gen';
import { BYTES_PER_KIB } from '@/lib/bytes';
import { useNow } from '@/lib/clock';
import type { QuotaType } from '@/lib/deviceState';
import { type Expected, type Period, SAMPLE_SECONDS, sinceOf, type TrendPoint } from '@/lib/trend';

/** A device, or one quota on it. */
export interface Series {
  host: string;
  device: string;
  quota?: { type: QuotaType; id: number };
}

const queryOf = ({ host, device, quota }: Series) => ({
  host,
  device,
  ...(quota === undefined ? {} : { quota_type: quota.type, id: quota.id }),
});

export function useHistory(series: Series, period: Period) {
  const since = sinceOf(period, useNow(SAMPLE_SECONDS));
  return useQuery(getHistoryOptions({ query: { ...queryOf(series), since } }));
}

export function useForecast(series: Series) {
  return useQuery({ ...getForecastOptions({ query: queryOf(series) }), staleTime: SAMPLE_SECONDS * 1000 });
}

/** All of my quotas in one call: every card of the page looks into the same answer. */
export function useMyHistory() {
  const since = sinceOf('30d', useNow(SAMPLE_SECONDS));
  return useQuery(getMyHistoryOptions({ query: { since, page_size: 50 } }));
}

export function pointsOf({ points }: HistoryOut): TrendPoint[] {
  return points.map(({ at, block_current, block_hard_limit }) => ({
    at: Date.parse(at),
    used: block_current,
    limit: block_hard_limit === 0 ? null : block_hard_limit * BYTES_PER_KIB,
  }));
}

/** Null where nothing is expected: too little is known, or it never gets full. */
export function expectedOf(forecast: ForecastOut | undefined): Expected | null {
  if (forecast?.full_at == null || forecast.earliest === null) return null;
  return {
    fullAt: Date.parse(forecast.full_at),
    earliest: Date.parse(forecast.earliest),
    latest: forecast.latest === null ? null : Date.parse(forecast.latest),
  };
}
