import { IconArrowNarrowRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LimitText } from '@/components/LimitText';
import { useFormat } from '@/i18n/useFormat';
import { LIMIT_NAMES, resourceOf } from '@/lib/limits';

const PERIODS = ['block_grace', 'inode_grace'] as const;
type Values = Record<string, unknown> | null;

/** What really differs between before and after; a change that never happened has no after. */
export function ChangeCell({ before, after }: { before: Values; after: Values }) {
  const { t } = useTranslation(['limits', 'settings', 'common']);
  const format = useFormat();
  const isChanged = (name: string) => after?.[name] !== undefined && before?.[name] !== after[name];
  const read = (value: unknown, write: (value: number) => ReactNode) =>
    typeof value === 'number' ? write(value) : t('common:unknown');
  const limits = LIMIT_NAMES.filter(isChanged).map((name) => ({
    name: t(`limits:short.${name}`),
    values: [before?.[name], after?.[name]].map((value) =>
      read(value, (limit) => <LimitText resource={resourceOf(name)} limit={limit} />),
    ),
  }));
  const periods = PERIODS.filter(isChanged).map((name) => ({
    name: t(`settings:grace.short.${name}`),
    values: [before?.[name], after?.[name]].map((value) => read(value, format.duration)),
  }));
  return [...limits, ...periods].map(({ name, values: [from, to] }) => (
    <div key={name} style={{ whiteSpace: 'nowrap' }}>
      {name}: {from} <IconArrowNarrowRight size={14} aria-hidden style={{ verticalAlign: 'middle' }} /> {to}
    </div>
  ));
}
