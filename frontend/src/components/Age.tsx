import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/useFormat';
import { useNow } from '@/lib/clock';

interface AgeProps {
  /** When the figure was taken; null if it never was. */
  at: string | null | undefined;
}

/** How old a figure is, counted on every second, with the instant on hover. */
export function Age({ at }: AgeProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  if (at === null || at === undefined) return <span>{t('age.never')}</span>;
  // A browser whose clock is behind must not say "in 3 seconds" of the past.
  const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
  return (
    <time dateTime={at} title={format.instant(at)}>
      {seconds < 1 ? t('age.now') : t('age.taken', { when: format.relative(-seconds) })}
    </time>
  );
}
