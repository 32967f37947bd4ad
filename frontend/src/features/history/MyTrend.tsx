import { Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChartLine } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { QuotaRow } from '@/api/rows';
import { useFormat } from '@/i18n/useFormat';
import { HistoryPanel } from './HistoryPanel';
import { useMyHistory } from './queries';

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
  const mine = useMyHistory().data?.items.find(
    ({ host, device, quota_type: type, id }) =>
      host === row.host && device === row.device && type === row.quota_type && id === row.id,
  );
  const first = mine?.points[0];
  if (first === undefined) return null;
  const grown = row.block_current - first.block_current;
  if (grown === 0) return <Text size="sm">{t('same')}</Text>;
  return <Text size="sm">{t(grown > 0 ? 'grew' : 'shrank', { change: format.bytes(Math.abs(grown)) })}</Text>;
}
