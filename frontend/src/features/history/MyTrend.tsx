import { Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChartLine } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { QuotaRow } from '@/api/rows';
import { useFormat } from '@/i18n/useFormat';
import { useNow } from '@/lib/clock';
import { SAMPLE_SECONDS } from '@/lib/trend';
import { HistoryPanel } from './HistoryPanel';
import { useMyHistory } from './queries';

/** A change since a moment ago says nothing. */
const DAY_MS = 86_400_000;

/** What a quota of mine did lately, in words; the picture comes when it is asked for. */
export function MyTrend({ row }: { row: QuotaRow }) {
  const { t } = useTranslation('history');
  const [opened, { toggle }] = useDisclosure(false);
  const { host, device, quota_type: type, id } = row;
  return (
    <Stack gap="xs" align="stretch">
      <Group gap="sm">
        <Change row={row} />
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconChartLine size={16} aria-hidden />}
          aria-expanded={opened}
          onClick={toggle}
        >
          {t(opened ? 'hide' : 'show')}
        </Button>
      </Group>
      {opened ? (
        <HistoryPanel series={{ host, device, quota: { type, id } }} name={`${device}, ${host}`} />
      ) : null}
    </Stack>
  );
}

function Change({ row }: { row: QuotaRow }) {
  const { t } = useTranslation('history');
  const format = useFormat();
  const now = useNow(SAMPLE_SECONDS);
  const mine = useMyHistory().data?.items.find(
    ({ host, device, quota_type: type, id }) =>
      host === row.host && device === row.device && type === row.quota_type && id === row.id,
  );
  const first = mine?.points[0];
  if (first === undefined || now - Date.parse(first.at) < DAY_MS) return null;
  const grown = row.block_current - first.block_current;
  const values = { change: format.bytes(Math.abs(grown)), since: format.date(first.at) };
  return <Text size="sm">{t(grown === 0 ? 'same' : grown > 0 ? 'grew' : 'shrank', values)}</Text>;
}
