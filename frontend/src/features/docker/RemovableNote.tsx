import { List, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Note } from '@/components/Note';
import { useFormat } from '@/i18n/useFormat';
import { type Line, removableOf } from './model';

/** What nothing needs now, with what it would free. */
export function RemovableNote({ lines }: { lines: Line[] }) {
  const { t } = useTranslation('docker');
  const format = useFormat();
  const found = removableOf(lines);
  if (found.length === 0) return null;
  return (
    <Note tone="info" title={t('removal.title')} compact>
      <List size="sm">
        {found.map(({ removal, count, bytes }) => (
          <List.Item key={removal}>
            {t(`removal.sum.${removal}`, { count, bytes: format.bytes(bytes) })}
          </List.Item>
        ))}
      </List>
      <Text size="sm" mt="xs">
        {t('removal.caution')}
      </Text>
    </Note>
  );
}
