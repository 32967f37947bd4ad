import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { SetCountsOut } from '@/api/generated/types.gen';
import { useFormat } from '@/i18n/useFormat';

const ORDER = ['total', 'done', 'waiting', 'wrong', 'failed', 'unknown', 'cancelled'] as const;

/** How many lines are how far; what there is none of is not said. */
export function Counts({ counts }: { counts: SetCountsOut }) {
  const { t } = useTranslation('imports');
  const format = useFormat();
  const said = ORDER.filter((name) => counts[name] > 0);
  return (
    <Text size="sm" c="dimmed">
      {said.map((name) => t(`count.${name}`, { formatted: format.count(counts[name]) })).join(' · ')}
    </Text>
  );
}
