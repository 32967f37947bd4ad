import * as z from 'zod/mini';

/** A limit as a person types it (GiB, decimals) and as it travels (whole KiB). No float stands in between. */
const KIB_PER_GIB = 1024n * 1024n;
/** A decimal with this many places tells any two KiB apart: 10^-7 GiB is a tenth of a KiB. */
const PLACES = 7;
/** The largest block limit the wire takes (8-shapes.md). */
export const MAX_KIB = 2 ** 43;
/** The largest inode limit that a browser's number holds exactly. */
export const MAX_COUNT = Number.MAX_SAFE_INTEGER;

type LimitTextProblem = 'malformed' | 'zero' | 'too_large';
export type LimitText = { ok: true; value: number } | { ok: false; problem: LimitTextProblem };

const decimal = z.string().check(z.regex(/^\d+(\.\d*)?$|^\.\d+$/));
const whole = z.string().check(z.regex(/^\d+$/));

/** `""` is unlimited (0 on the wire). A typed zero is refused: it would silently mean unlimited. */
export function parseGib(text: string): LimitText {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, value: 0 };
  if (!decimal.safeParse(trimmed).success) return { ok: false, problem: 'malformed' };
  const [integer = '', fraction = ''] = trimmed.split('.');
  const scale = 10n ** BigInt(fraction.length);
  const units = BigInt(`${integer}${fraction}`) * KIB_PER_GIB;
  return inRange((units * 2n + scale) / (scale * 2n), MAX_KIB);
}

export function parseCount(text: string): LimitText {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: true, value: 0 };
  if (!whole.safeParse(trimmed).success) return { ok: false, problem: 'malformed' };
  return inRange(BigInt(trimmed), MAX_COUNT);
}

function inRange(value: bigint, largest: number): LimitText {
  if (value === 0n) return { ok: false, problem: 'zero' };
  if (value > BigInt(largest)) return { ok: false, problem: 'too_large' };
  return { ok: true, value: Number(value) };
}

/** The shortest decimal that reads back as exactly this many KiB; unlimited is an empty field. */
export function gibText(kib: number): string {
  if (kib === 0) return '';
  for (let places = 0; places < PLACES; places += 1) {
    const text = roundedGib(kib, places);
    const back = parseGib(text);
    if (back.ok && back.value === kib) return text;
  }
  return roundedGib(kib, PLACES);
}

export function countText(count: number): string {
  return count === 0 ? '' : String(count);
}

function roundedGib(kib: number, places: number): string {
  const scale = 10n ** BigInt(places);
  const units = (BigInt(kib) * scale * 2n + KIB_PER_GIB) / (KIB_PER_GIB * 2n);
  const digits = units.toString().padStart(places + 1, '0');
  if (places === 0) return digits;
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
