import type { Line } from './model';

const LARGEST_UID = 2 ** 32 - 2;

/** An account of a host; `user` is null where nobody knows a name for the uid. */
export interface Account {
  uid: number;
  user: string | null;
}

/**
 * Who may have made it, the most likely first: who claims it, whom it counts for, and the candidates. The candidates of
 * what is certain did not make it: a label names them.
 */
export function suspectsOf({ claims, attribution }: Line): Account[] {
  const { uid, user, certainty, candidates } = attribution;
  return once([
    ...claims.map((each) => ({ uid: each.uid, user: each.username })),
    ...(uid === null ? [] : [{ uid, user }]),
    ...(certainty === 'certain' ? [] : candidates),
  ]);
}

/** The account of this name or number. A name must be known; a number may be of somebody who is gone. */
export function accountOf(text: string, known: readonly Account[]): Account | null {
  const named = known.find(({ user }) => user === text);
  if (named !== undefined) return named;
  const uid = uidOf(text);
  return uid === null ? null : (known.find((each) => each.uid === uid) ?? { uid, user: null });
}

/** null: it is no number that a user can have. */
export function uidOf(text: string): number | null {
  if (!/^\d{1,10}$/.test(text)) return null;
  const uid = Number(text);
  return uid <= LARGEST_UID ? uid : null;
}

export function nameOf({ uid, user }: Account): string {
  return user ?? String(uid);
}

export function once(accounts: readonly Account[]): Account[] {
  return [...new Map([...accounts].reverse().map((each) => [each.uid, each])).values()].reverse();
}
