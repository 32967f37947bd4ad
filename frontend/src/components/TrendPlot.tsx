import '@mantine/charts/styles.css';
import { CompositeChart } from '@mantine/charts';
import { useReducedMotion } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { ReferenceArea } from 'recharts';
import { useFormat } from '@/i18n/useFormat';
import type { Expected, PlotRow } from '@/lib/trend';

const LINES = [
  { name: 'used', color: 'blue.6', type: 'area' },
  { name: 'limit', color: 'red.7', type: 'line', strokeDasharray: '2 3' },
  { name: 'expected', color: 'orange.7', type: 'line', strokeDasharray: '6 4' },
] as const;

interface TrendPlotProps {
  rows: PlotRow[];
  expected: Expected | null;
  height: number;
}

/** The picture itself; it comes with its library, so import it lazily. */
export function TrendPlot({ rows, expected, height }: TrendPlotProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const isStill = useReducedMotion();
  const first = rows[0]?.at ?? 0;
  const last = rows.at(-1)?.at ?? 0;
  const isAnimationActive = !isStill;
  return (
    <CompositeChart
      h={height}
      data={rows.map((row) => ({ ...row }))}
      dataKey="at"
      withDots={false}
      connectNulls={false}
      curveType="linear"
      withLegend
      series={LINES.filter(({ name }) => rows.some((row) => row[name] !== null)).map((line) => ({
        ...line,
        label: t(`trend.${line.name}`),
      }))}
      xAxisProps={{
        type: 'number',
        scale: 'time',
        domain: [first, last],
        tickFormatter: (at: number) => format.tick(new Date(at), last - first),
      }}
      yAxisProps={{ width: 92, domain: [0, 'auto'] }}
      valueFormatter={(value) => format.bytes(value)}
      // While nothing is pointed at, there is no label, and the formatter is asked all the same.
      tooltipProps={{
        labelFormatter: (at: unknown) => (typeof at === 'number' ? format.instant(new Date(at)) : null),
      }}
      areaProps={{ isAnimationActive }}
      lineProps={{ isAnimationActive }}
    >
      {expected === null || expected.earliest > last ? null : (
        <ReferenceArea
          x1={Math.max(first, expected.earliest)}
          x2={Math.min(last, expected.latest ?? last)}
          fill="var(--mantine-color-orange-6)"
          fillOpacity={0.15}
        />
      )}
    </CompositeChart>
  );
}
