import type { OneOfManyOut } from '@/api/generated/types.gen';
import { type Field, type LimitName, type Limits, type LimitTexts, readLimit } from '@/lib/limits';

/** What becomes of a limit: it stays as each has it, all get this one, or it goes. */
export const MODES = ['keep', 'set', 'none'] as const;
type Mode = (typeof MODES)[number];

export interface BatchValues {
  mode: Record<LimitName, Mode>;
  text: LimitTexts;
  reason: string;
}

function forEach<T>(value: T): Record<LimitName, T> {
  return {
    block_soft_limit: value,
    block_hard_limit: value,
    inode_soft_limit: value,
    inode_hard_limit: value,
  };
}

export const UNTOUCHED: BatchValues = { mode: forEach('keep'), text: forEach(''), reason: '' };

/** Only the limits that are to change; what cannot be read is not among them. */
export function limitsOf({ mode, text }: BatchValues, fields: Field[]): Partial<Limits> {
  const given = fields.flatMap(({ name }): [LimitName, number][] => {
    if (mode[name] === 'keep') return [];
    if (mode[name] === 'none') return [[name, 0]];
    const read = readLimit(name, text[name]);
    return read.ok ? [[name, read.value]] : [];
  });
  return Object.fromEntries(given);
}

/** How it ended for one id; `unknown` where the host may have done it. */
export type Outcome = 'applied' | 'failed' | 'unknown' | 'not_tried';

export interface Result {
  id: number;
  outcome: Outcome;
  problem: { code: string; detail: string } | null;
}

/** The ids of a preview that can be changed: with the others it is known already that they fail. */
export function targetsOf(foreseen: OneOfManyOut[]): number[] {
  return foreseen.flatMap(({ id, ok }) => (ok && id !== null ? [id] : []));
}

export function isBelowUsage({ ok, warnings = [] }: OneOfManyOut): boolean {
  return ok && warnings.includes('below_usage');
}

/** So many at a time: each piece is in time even where a host is slow, and shows how far it is. */
const PIECE = 100;

export function piecesOf(ids: number[]): number[][] {
  return Array.from({ length: Math.ceil(ids.length / PIECE) }, (_, piece) =>
    ids.slice(piece * PIECE, (piece + 1) * PIECE),
  );
}

/** Those that one should look at come first; otherwise the order stays. */
export function worstFirst(foreseen: OneOfManyOut[]): OneOfManyOut[] {
  const rank = (each: OneOfManyOut) => (each.ok ? (isBelowUsage(each) ? 1 : 2) : 0);
  return [...foreseen].sort((a, b) => rank(a) - rank(b));
}
