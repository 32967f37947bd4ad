/** Rounded down: 99.97 % is not yet 100 %, and "full" must mean full. */
export function formatPercent(percent: number, locale: string): string {
  const shown = percent < 10 ? Math.floor(percent * 10) / 10 : Math.floor(percent);
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(shown / 100);
}
