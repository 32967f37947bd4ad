import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { QuotaRow } from '@/api/rows';
import { FormDrawer } from '@/components/FormDrawer';
import { QuotaUsage } from '@/components/QuotaUsage';
import type { Capabilities } from '@/lib/limits';
import { LimitsForm } from './LimitsForm';

interface LimitsDrawerProps {
  /** The row as it stood when the editor was opened; null while it is closed. */
  row: QuotaRow | null;
  capabilities: Capabilities;
  onClose: () => void;
}

export function LimitsDrawer({ row, capabilities, onClose }: LimitsDrawerProps) {
  const { t } = useTranslation('limits');
  return (
    <FormDrawer
      opened={row !== null}
      onClose={onClose}
      title={row === null ? null : t('title', { name: row.name })}
    >
      {row === null ? null : (
        <>
          <Text size="sm" c="dimmed">
            {t('where', { device: row.device, host: row.host })}
          </Text>
          <QuotaUsage row={row} name={row.name} />
          <LimitsForm row={row} capabilities={capabilities} onClose={onClose} />
        </>
      )}
    </FormDrawer>
  );
}
