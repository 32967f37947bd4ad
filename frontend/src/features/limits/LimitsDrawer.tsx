import { Drawer, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { QuotaRow } from '@/api/rows';
import { QuotaUsage } from '@/components/QuotaUsage';
import { useHoldWhileEditing } from '@/lib/editing';
import { LimitsForm } from './LimitsForm';
import type { Capabilities } from './model';

interface LimitsDrawerProps {
  /** The row as it stood when the editor was opened; null while it is closed. */
  row: QuotaRow | null;
  capabilities: Capabilities;
  onClose: () => void;
}

export function LimitsDrawer({ row, capabilities, onClose }: LimitsDrawerProps) {
  const { t } = useTranslation(['limits', 'common']);
  useHoldWhileEditing(row !== null);
  return (
    <Drawer
      opened={row !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={row === null ? null : t('limits:title', { name: row.name })}
      closeButtonProps={{ 'aria-label': t('common:close') }}
      // A click beside the form must not throw away what was typed.
      closeOnClickOutside={false}
    >
      {row === null ? null : (
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {t('limits:where', { device: row.device, host: row.host })}
          </Text>
          <QuotaUsage row={row} name={row.name} />
          <LimitsForm row={row} capabilities={capabilities} onClose={onClose} />
        </Stack>
      )}
    </Drawer>
  );
}
