import { Group, Paper, SegmentedControl, Stack, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Note } from '@/components/Note';
import { QueryBoundary } from '@/components/QueryBoundary';
import { TrendChart } from '@/components/TrendChart';
import { PERIODS } from '@/lib/trend';
import { useUrlState } from '@/lib/urlState';
import { ForecastText } from './ForecastText';
import { expectedOf, pointsOf, type Series, useForecast, useHistory } from './queries';
import { historyUrl } from './url';

interface HistoryPanelProps {
  series: Series;
  /** Whose history it is, in words. */
  name: string;
}

/** How a device or a quota came to where it is, and when it is full if it goes on like that. */
export function HistoryPanel({ series, name }: HistoryPanelProps) {
  const { t } = useTranslation('history');
  const [{ period }, setUrl] = useUrlState(historyUrl);
  const history = useHistory(series, period);
  const forecast = useForecast(series);
  const title = t('title', { name });
  return (
    <Paper component="section" withBorder p="md" bg="var(--qman-ground)" aria-label={title}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2}>{t('heading')}</Title>
          <SegmentedControl
            size="xs"
            aria-label={t('period')}
            value={period}
            onChange={(value) => setUrl({ period: value }, { replace: true })}
            data={PERIODS.map((value) => ({ value, label: t(`periods.${value}`) }))}
          />
        </Group>
        <QueryBoundary
          query={history}
          lines={1}
          isEmpty={({ points }) => points.length < 2}
          empty={<Note tone="info">{t('empty')}</Note>}
        >
          {(found) => (
            <TrendChart
              name={title}
              points={pointsOf(found)}
              stepSeconds={found.resolution_seconds}
              expected={expectedOf(forecast.data)}
            />
          )}
        </QueryBoundary>
        <ForecastText forecast={forecast.data} />
      </Stack>
    </Paper>
  );
}
