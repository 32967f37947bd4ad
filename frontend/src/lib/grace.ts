import * as z from 'zod/mini';

/** A grace period as a person types it (days and hours) and as it travels (whole seconds). */
export interface GraceTexts {
  days: string;
  hours: string;
}

const HOUR = 3_600;
const DAY = 24 * HOUR;
/** An hour with this many places tells any two seconds apart. */
const PLACES = 4;
/** The longest that the wire takes. */
const MAX_SECONDS = 2 ** 32 - 1;

type GraceProblem = 'malformed' | 'zero' | 'too_long';
export type Grace = { ok: true; seconds: number } | { ok: false; problem: GraceProblem };

const number = z.string().check(z.regex(/^(\d{1,9}(\.\d*)?|\.\d+)?$/));

/** An empty field counts as none of that unit. Nothing at all is refused: a grace period of 0 does not exist. */
export function parseGrace({ days, hours }: GraceTexts): Grace {
  const texts = [days.trim(), hours.trim()];
  if (!texts.every((text) => number.safeParse(text).success && text !== '.')) {
    return { ok: false, problem: 'malformed' };
  }
  const [d = 0, h = 0] = texts.map(Number);
  const seconds = Math.round(d * DAY + h * HOUR);
  if (seconds === 0) return { ok: false, problem: 'zero' };
  return seconds > MAX_SECONDS ? { ok: false, problem: 'too_long' } : { ok: true, seconds };
}

/** Whole days, and the rest in the shortest decimal of hours that reads back as exactly these seconds. */
export function graceTexts(seconds: number): GraceTexts {
  const days = Math.floor(seconds / DAY);
  const rest = (seconds - days * DAY) / HOUR;
  const hours = Array.from({ length: PLACES + 1 }, (_, places) => rest.toFixed(places)).find(
    (text) => Math.round(Number(text) * HOUR) === Math.round(rest * HOUR),
  );
  return { days: String(days), hours: hours ?? rest.toFixed(PLACES) };
}
