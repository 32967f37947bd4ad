import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/useFormat';

/** GiB to read, the exact bytes on hover. */
export function ByteSize({ bytes }: { bytes: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span title={t('exact_bytes', { count: bytes, formatted: format.count(bytes) })}>
      {format.bytes(bytes)}
    </span>
  );
}
