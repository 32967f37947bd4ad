import { Button, Group, Paper, Text } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '@/i18n/useFormat';
import type { SelectionControl } from './selection';

interface SelectionBarProps {
  control: SelectionControl;
  /** How many ids the device lists; undefined while that is not known. */
  total: number | undefined;
  onBatch: () => void;
}

/** What can be done with the rows that are ticked. */
export function SelectionBar({
  control: { selection, selectAll, clear },
  total,
  onBatch,
}: SelectionBarProps) {
  const { t } = useTranslation('device');
  const format = useFormat();
  const count = selection === 'all' ? total : selection.size;
  const shown = { count: count ?? 0, formatted: count === undefined ? '' : format.count(count) };
  // The place is kept while nothing is ticked, or the rows would move from under the pointer.
  return (
    <Paper component="section" aria-label={t('selection.label')} withBorder p="xs" bg="var(--qman-ground)">
      <Group gap="sm" mih={30}>
        <Text size="sm" fw={count === 0 ? undefined : 600} role="status">
          {count === 0 ? t('selection.hint') : t(`selection.${selection === 'all' ? 'all' : 'some'}`, shown)}
        </Text>
        {count === 0 ? null : (
          <>
            {selection === 'all' || total === undefined ? null : (
              <Button variant="default" size="xs" onClick={selectAll}>
                {t('selection.select_all', { formatted: format.count(total) })}
              </Button>
            )}
            <Button variant="default" size="xs" onClick={clear}>
              {t('selection.clear')}
            </Button>
            <Button size="xs" leftSection={<IconPencil size={16} aria-hidden />} onClick={onBatch}>
              {t('selection.set', shown)}
            </Button>
          </>
        )}
      </Group>
    </Paper>
  );
}
