import { IconArrowNarrowRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { countText, gibText } from '@/lib/gib';
import { type LimitName, resourceOf } from '@/lib/limits';
import classes from './LimitChange.module.css';

/** What stood and what will stand, side by side. */
export function BeforeAfter({ before, after }: { before: ReactNode; after: ReactNode }) {
  return (
    <span className={classes.change}>
      <del>{before}</del>
      <IconArrowNarrowRight size={16} aria-hidden />
      <ins>{after}</ins>
    </span>
  );
}

interface LimitChangeProps {
  name: LimitName;
  /** Null where nobody knows what stood. */
  before: number | null;
  after: number;
}

/** A limit before and after, exact: a preview must not round a change away. */
export function LimitChange({ name, before, after }: LimitChangeProps) {
  const { t } = useTranslation(['limits', 'common']);
  const text = (limit: number) => {
    if (limit === 0) return t('limits:unlimited');
    return resourceOf(name) === 'block' ? t('common:gib', { size: gibText(limit) }) : countText(limit);
  };
  return <BeforeAfter before={before === null ? t('common:unknown') : text(before)} after={text(after)} />;
}
