import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ForecastOut } from '@/api/generated/types.gen';
import { useFormat } from '@/i18n/useFormat';
import { useNow } from '@/lib/clock';

/** When it is full, in a sentence; never a guess where too little is known. */
export function ForecastText({ forecast }: { forecast: ForecastOut | undefined }) {
  const { t } = useTranslation('history');
  const format = useFormat();
  const now = useNow(60);
  if (forecast === undefined) return null;
  const { confidence, full_at: fullAt, earliest, latest } = forecast;
  if (confidence === 'not_enough_data') return <Text size="sm">{t('forecast.too_little')}</Text>;
  if (fullAt === null || earliest === null) return <Text size="sm">{t('forecast.never')}</Text>;
  const values = {
    when: format.relative((Date.parse(fullAt) - now) / 1000),
    earliest: format.date(earliest),
    latest: latest === null ? '' : format.date(latest),
  };
  return (
    <Text size="sm">
      <strong title={format.instant(fullAt)}>{t('forecast.full', values)}</strong>{' '}
      {latest === null ? t('forecast.open', values) : t('forecast.between', values)}
    </Text>
  );
}
