import { BYTES_PER_KIB } from '@/lib/bytes';
import { countText, gibText, type LimitText, parseCount, parseGib } from '@/lib/gib';
import type { QuotaNumbers, Resource } from '@/lib/quota';

const LIMIT_NAMES = ['block_soft_limit', 'block_hard_limit', 'inode_soft_limit', 'inode_hard_limit'] as const;
export type LimitName = (typeof LIMIT_NAMES)[number];

interface Field {
  name: LimitName;
  resource: Resource;
  hard: boolean;
}

const FIELDS: Field[] = LIMIT_NAMES.map((name) => ({
  name,
  resource: name.startsWith('block') ? 'block' : 'inode',
  hard: name.includes('hard'),
}));

/** What a device can do, as the master says it. */
export interface Capabilities {
  soft_limits: boolean;
  inode_limits: boolean;
  enforced_by_kernel: boolean;
}

export function fieldsOf({ soft_limits, inode_limits }: Capabilities): Field[] {
  return FIELDS.filter(
    ({ resource, hard }) => (hard || soft_limits) && (resource === 'block' || inode_limits),
  );
}

/** The form holds text, so that what a person typed is never rewritten under their hands. */
export type LimitsForm = Record<LimitName | 'reason', string> & { confirmed: boolean };

export function formOf(row: QuotaNumbers): LimitsForm {
  return {
    block_soft_limit: gibText(row.block_soft_limit),
    block_hard_limit: gibText(row.block_hard_limit),
    inode_soft_limit: countText(row.inode_soft_limit),
    inode_hard_limit: countText(row.inode_hard_limit),
    reason: '',
    confirmed: false,
  };
}

function readField(name: LimitName, text: string): LimitText {
  return name.startsWith('block') ? parseGib(text) : parseCount(text);
}

/** A limit as the form writes it, exact: a preview must not round a change away. */
export function writeField(name: LimitName, value: number): string {
  return name.startsWith('block') ? `${gibText(value)} GiB` : countText(value);
}

export interface Change {
  name: LimitName;
  before: number;
  after: number;
  below: boolean;
}

/** Only what differs from the row: a limit that was not edited is not sent, so it cannot be rounded. */
export function changesOf(form: LimitsForm, row: QuotaNumbers, fields: Field[]): Change[] {
  return fields.flatMap(({ name, resource }) => {
    const read = readField(name, form[name]);
    const before = row[name];
    if (!read.ok || read.value === before) return [];
    return [{ name, before, after: read.value, below: isBelow(row, resource, read.value) }];
  });
}

function isBelow(row: QuotaNumbers, resource: Resource, limit: number): boolean {
  if (limit === 0) return false;
  return resource === 'block' ? row.block_current > limit * BYTES_PER_KIB : row.inode_current > limit;
}

type FieldProblem =
  | 'malformed'
  | 'malformed_count'
  | 'zero'
  | 'zero_count'
  | 'too_large'
  | 'too_large_count'
  | 'soft_above_hard';

/** What is wrong with the form, by field; names of i18n limits.error. */
export function problemsOf(form: LimitsForm, fields: Field[]): Partial<Record<LimitName, FieldProblem>> {
  const found: Partial<Record<LimitName, FieldProblem>> = {};
  for (const { name, resource } of fields) {
    const read = readField(name, form[name]);
    if (!read.ok) found[name] = resource === 'block' ? read.problem : `${read.problem}_count`;
  }
  for (const resource of ['block', 'inode'] as const) {
    const soft = readField(`${resource}_soft_limit`, form[`${resource}_soft_limit`]);
    const hard = readField(`${resource}_hard_limit`, form[`${resource}_hard_limit`]);
    const shown = fields.some(({ name }) => name === `${resource}_soft_limit`);
    if (shown && soft.ok && hard.ok && hard.value > 0 && soft.value > hard.value) {
      found[`${resource}_soft_limit`] = 'soft_above_hard';
    }
  }
  return found;
}
