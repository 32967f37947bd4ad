import { BYTES_PER_KIB } from './bytes';
import { countText, gibText, type LimitText, parseCount, parseGib } from './gib';
import type { QuotaNumbers, Resource } from './quota';

export const LIMIT_NAMES = [
  'block_soft_limit',
  'block_hard_limit',
  'inode_soft_limit',
  'inode_hard_limit',
] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];
export type Limits = Record<LimitName, number>;

export interface Field {
  name: LimitName;
  resource: Resource;
  hard: boolean;
}

const FIELDS: Field[] = LIMIT_NAMES.map((name) => ({
  name,
  resource: resourceOf(name),
  hard: name.includes('hard'),
}));

/** What a device can do, as the master says it. */
export interface Capabilities {
  soft_limits: boolean;
  inode_limits: boolean;
  enforced_by_kernel: boolean;
}

export function resourceOf(name: LimitName): Resource {
  return name.startsWith('block') ? 'block' : 'inode';
}

export function fieldsOf({ soft_limits, inode_limits }: Capabilities): Field[] {
  return FIELDS.filter(
    ({ resource, hard }) => (hard || soft_limits) && (resource === 'block' || inode_limits),
  );
}

/** A form holds text, so that what a person typed is never rewritten under their hands. */
export type LimitTexts = Record<LimitName, string>;

export function textsOf(limits: Limits): LimitTexts {
  return {
    block_soft_limit: gibText(limits.block_soft_limit),
    block_hard_limit: gibText(limits.block_hard_limit),
    inode_soft_limit: countText(limits.inode_soft_limit),
    inode_hard_limit: countText(limits.inode_hard_limit),
  };
}

export function readLimit(name: LimitName, text: string): LimitText {
  return resourceOf(name) === 'block' ? parseGib(text) : parseCount(text);
}

export interface Change {
  name: LimitName;
  before: number;
  after: number;
}

/** Only what differs from what stands: a limit that was not edited is not sent, so it cannot be rounded. */
export function changesOf(texts: LimitTexts, stands: Limits, fields: Field[]): Change[] {
  return fields.flatMap(({ name }) => {
    const read = readLimit(name, texts[name]);
    const before = stands[name];
    return !read.ok || read.value === before ? [] : [{ name, before, after: read.value }];
  });
}

/** A change as a body of the API has it. */
export function limitsToSend(changes: Change[]): Partial<Limits> {
  return Object.fromEntries(changes.map(({ name, after }) => [name, after]));
}

/** Is this limit lower than what is used already? */
export function isBelow(row: QuotaNumbers, name: LimitName, limit: number): boolean {
  if (limit === 0) return false;
  return resourceOf(name) === 'block' ? row.block_current > limit * BYTES_PER_KIB : row.inode_current > limit;
}

type LimitProblem =
  | 'malformed'
  | 'malformed_count'
  | 'zero'
  | 'zero_count'
  | 'too_large'
  | 'too_large_count'
  | 'soft_above_hard';

/** What is wrong with the form, by field; names of i18n limits.error. */
export function problemsOf(texts: LimitTexts, fields: Field[]): Partial<Record<LimitName, LimitProblem>> {
  const found: Partial<Record<LimitName, LimitProblem>> = {};
  for (const { name, resource } of fields) {
    const read = readLimit(name, texts[name]);
    if (!read.ok) found[name] = resource === 'block' ? read.problem : `${read.problem}_count`;
  }
  for (const resource of ['block', 'inode'] as const) {
    const soft = readLimit(`${resource}_soft_limit`, texts[`${resource}_soft_limit`]);
    const hard = readLimit(`${resource}_hard_limit`, texts[`${resource}_hard_limit`]);
    const shown = fields.some(({ name }) => name === `${resource}_soft_limit`);
    if (shown && soft.ok && hard.ok && hard.value > 0 && soft.value > hard.value) {
      found[`${resource}_soft_limit`] = 'soft_above_hard';
    }
  }
  return found;
}
