import { IconArrowNarrowRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { LimitText } from '@/components/LimitText';

const LIMITS = ['block_soft_limit', 'block_hard_limit', 'inode_soft_limit', 'inode_hard_limit'] as const;
type Limits = Record<string, unknown> | null;

/** What really differs between before and after; a change that never happened has no after. */
export function ChangeCell({ before, after }: { before: Limits; after: Limits }) {
  const { t } = useTranslation('audit');
  const changed = LIMITS.filter((name) => after?.[name] !== undefined && before?.[name] !== after[name]);
  return changed.map((name) => (
    <div key={name} style={{ whiteSpace: 'nowrap' }}>
      {t(`limit.${name}`)}: <Limit name={name} value={before?.[name]} />
      <IconArrowNarrowRight size={14} aria-hidden style={{ verticalAlign: 'middle' }} />
      <Limit name={name} value={after?.[name]} />
    </div>
  ));
}

function Limit({ name, value }: { name: string; value: unknown }) {
  const { t } = useTranslation();
  if (typeof value !== 'number') return t('unknown');
  return <LimitText resource={name.startsWith('block') ? 'block' : 'inode'} limit={value} />;
}
