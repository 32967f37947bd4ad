import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/useFormat';
import { BYTES_PER_KIB } from '@/lib/bytes';
import type { Resource } from '@/lib/quota';
import { ByteSize } from './ByteSize';

/** A limit as the wire has it (KiB or a count, 0 is unlimited). */
export function LimitText({ resource, limit }: { resource: Resource; limit: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (limit === 0) return <>{t('unlimited')}</>;
  return resource === 'block' ? <ByteSize bytes={limit * BYTES_PER_KIB} /> : <>{format.count(limit)}</>;
}
