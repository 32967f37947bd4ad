const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** `259200` -> `in 3 days`, `-90` -> `1 minute ago`: whole units, cut off, so that time left is never overstated. */
export function formatRelative(seconds: number, locale: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'always' });
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return format.format(Math.trunc(seconds / length), unit);
}

export function formatInstant(at: Date, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(at);
}

/** Just the day, for what is known no better. */
export function formatDate(at: Date, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }).format(at);
}

const SHORT_SPAN_MS = 3 * 86_400_000;
const LONG_SPAN_MS = 300 * 86_400_000;

/** A mark on an axis of time, as exact as the span of the axis asks for. */
export function formatTick(at: Date, spanMs: number, locale: string): string {
  const options: Intl.DateTimeFormatOptions =
    spanMs <= SHORT_SPAN_MS
      ? { weekday: 'short', hour: '2-digit', minute: '2-digit' }
      : spanMs <= LONG_SPAN_MS
        ? { day: 'numeric', month: 'short' }
        : { month: 'short', year: 'numeric' };
  return new Intl.DateTimeFormat(locale, options).format(at);
}

const LENGTHS: readonly ['day' | 'hour' | 'minute' | 'second', number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** `604800` -> `7 days`, `90061` -> `1 day 1 hour 1 minute 1 second`: exact, for what somebody has set. */
export function formatDuration(seconds: number, locale: string): string {
  let rest = seconds;
  const parts = LENGTHS.flatMap(([unit, length]) => {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count === 0 && !(unit === 'second' && seconds === 0)) return [];
    return [new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count)];
  });
  return parts.join(' ');
}
