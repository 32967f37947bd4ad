import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/useFormat';
import { gibText } from '@/lib/gib';
import type { Resource } from '@/lib/quota';

/** A limit as the wire has it (KiB or a count, 0 is unlimited), exact: who looks one up must not find it rounded. */
export function LimitText({ resource, limit }: { resource: Resource; limit: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (limit === 0) return t('unlimited');
  return resource === 'block' ? t('gib', { size: gibText(limit) }) : format.count(limit);
}
