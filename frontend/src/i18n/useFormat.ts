import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBytes, formatCount } from '@/lib/bytes';
import { formatDate, formatDuration, formatInstant, formatRelative, formatTick } from '@/lib/duration';
import { formatPercent } from '@/lib/percent';
import { isLanguage, LOCALES } from './languages';

/** Numbers, sizes and times written the way the chosen language writes them. */
export function useFormat() {
  const { i18n } = useTranslation();
  const locale = LOCALES[isLanguage(i18n.language) ? i18n.language : 'en'];
  return useMemo(
    () => ({
      bytes: (bytes: number) => formatBytes(bytes, locale),
      count: (count: number) => formatCount(count, locale),
      percent: (percent: number) => formatPercent(percent, locale),
      relative: (seconds: number) => formatRelative(seconds, locale),
      duration: (seconds: number) => formatDuration(seconds, locale),
      instant: (at: Date | string) => formatInstant(new Date(at), locale),
      date: (at: Date | string) => formatDate(new Date(at), locale),
      tick: (at: Date, spanMs: number) => formatTick(at, spanMs, locale),
    }),
    [locale],
  );
}
