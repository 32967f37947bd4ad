import { Skeleton, Table, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/useFormat';
import { type Expected, plotRows, sampled, type TrendPoint } from '@/lib/trend';
import classes from './TrendChart.module.css';

// Pictures need a library of their own, which no page waits for.
const TrendPlot = lazy(async () => ({ default: (await import('./TrendPlot')).TrendPlot }));

interface TrendChartProps {
  /** What the picture shows, for those who cannot see it. */
  name: string;
  points: TrendPoint[];
  stepSeconds: number;
  expected?: Expected | null;
  height?: number;
}

const LINES_OF_TABLE = 24;

/** Usage over time beside its limit, as a picture and as a table. */
export function TrendChart({ name, points, stepSeconds, expected = null, height = 220 }: TrendChartProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return null;
  const summary = t('trend.summary', {
    name,
    from: format.bytes(first.used),
    to: format.bytes(last.used),
    since: format.instant(new Date(first.at)),
  });
  return (
    <div>
      <div role="img" aria-label={summary}>
        <Suspense fallback={<Skeleton height={height} radius="md" />}>
          <TrendPlot
            rows={plotRows(points, stepSeconds * 1000, expected)}
            expected={expected}
            height={height}
          />
        </Suspense>
      </div>
      <details className={classes.details}>
        <summary>{t('trend.table')}</summary>
        <Table aria-label={name} withRowBorders={false} fz="sm">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('trend.at')}</Table.Th>
              <Table.Th>{t('trend.used')}</Table.Th>
              <Table.Th>{t('trend.limit')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sampled(points, LINES_OF_TABLE).map(({ at, used, limit }) => (
              <Table.Tr key={at}>
                <Table.Td>{format.instant(new Date(at))}</Table.Td>
                <Table.Td>{format.bytes(used)}</Table.Td>
                <Table.Td>
                  {limit === null ? (
                    <Text span c="dimmed">
                      {t('trend.no_limit')}
                    </Text>
                  ) : (
                    format.bytes(limit)
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </details>
    </div>
  );
}
