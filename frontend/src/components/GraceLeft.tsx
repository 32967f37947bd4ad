import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/useFormat';
import { useNow } from '@/lib/clock';

/** Time until a grace expiry (Unix seconds, 0 is none), or since it. */
export function GraceLeft({ expiresAt }: { expiresAt: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  if (expiresAt === 0) return null;
  const seconds = expiresAt - now / 1000;
  const when = format.relative(seconds);
  const instant = new Date(expiresAt * 1000);
  return (
    <time dateTime={instant.toISOString()} title={format.instant(instant)}>
      {seconds > 0 ? t('grace.left', { when }) : t('grace.over', { when })}
    </time>
  );
}
