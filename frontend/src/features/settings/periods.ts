import { type GraceTexts, graceTexts, parseGrace } from '@/lib/grace';

type PeriodName = 'block_grace' | 'inode_grace';
export type Periods = Record<PeriodName, number>;

export interface Period {
  name: PeriodName;
  /** Name of i18n common for what it is about. */
  word: 'space' | 'files';
}

/** The grace periods that mean something on a device: without a limit of files there is none for them. */
export function periodsOf({ inode_limits }: { inode_limits: boolean }): Period[] {
  const block: Period = { name: 'block_grace', word: 'space' };
  return inode_limits ? [block, { name: 'inode_grace', word: 'files' }] : [block];
}

export type PeriodTexts = Record<PeriodName, GraceTexts>;

export function textsOf(stands: Periods): PeriodTexts {
  return { block_grace: graceTexts(stands.block_grace), inode_grace: graceTexts(stands.inode_grace) };
}

interface PeriodChange {
  name: PeriodName;
  before: number;
  after: number;
}

/** Only what differs, so that nothing is rewritten that nobody touched. */
export function changesOf(texts: PeriodTexts, stands: Periods, periods: Period[]): PeriodChange[] {
  return periods.flatMap(({ name }) => {
    const read = parseGrace(texts[name]);
    const before = stands[name];
    return !read.ok || read.seconds === before ? [] : [{ name, before, after: read.seconds }];
  });
}

/** A change as a body of the API has it. */
export function periodsToSend(changes: PeriodChange[]): Partial<Periods> {
  return Object.fromEntries(changes.map(({ name, after }) => [name, after]));
}
