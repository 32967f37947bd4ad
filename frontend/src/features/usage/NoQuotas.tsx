import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { sessionOptions } from '@/api/session';
import { EmptyState } from '@/components/EmptyState';

/** Nothing to show has two causes, and each has its own way out. */
export function NoQuotas() {
  const { t } = useTranslation('usage');
  const { data: me } = useQuery(sessionOptions());
  const names = [...new Set(me?.mappings.map(({ username, host }) => `${username}@${host}`))].join(', ');
  return (
    <EmptyState
      title={t('empty.title')}
      text={names === '' ? t('empty.unmapped') : t('empty.mapped', { names })}
    />
  );
}
