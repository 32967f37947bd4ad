import { List, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { LimitChange } from '@/components/LimitChange';
import { Note } from '@/components/Note';
import { useFormat } from '@/i18n/useFormat';
import { type Change, isBelow, type LimitName } from '@/lib/limits';
import type { QuotaNumbers } from '@/lib/quota';

interface PreviewProps {
  changes: Change[];
  row: QuotaNumbers;
  name: string;
}

/** Old and new side by side before anything happens, and what it would do to the person. */
export function Preview({ changes, row, name }: PreviewProps) {
  const { t } = useTranslation('limits');
  return (
    <Stack gap="xs" component="section" aria-live="polite">
      <Title order={3} size="h4">
        {t('preview')}
      </Title>
      {changes.length === 0 ? (
        <Text size="sm" c="dimmed">
          {t('unchanged')}
        </Text>
      ) : (
        <List listStyleType="none" spacing={4} size="sm">
          {changes.map((change) => (
            <List.Item key={change.name}>
              {t(`field.${change.name}`)} <LimitChange {...change} />
            </List.Item>
          ))}
        </List>
      )}
      {changes
        .filter(({ name: limit, after }) => isBelow(row, limit, after))
        .map((change) => (
          <BelowUsage key={change.name} limit={change.name} row={row} name={name} />
        ))}
    </Stack>
  );
}

function BelowUsage({ limit, row, name }: { limit: LimitName; row: QuotaNumbers; name: string }) {
  const { t } = useTranslation('limits');
  const format = useFormat();
  const isSpace = limit.startsWith('block');
  const used = isSpace ? format.bytes(row.block_current) : format.count(row.inode_current);
  const text = t(limit.includes('hard') ? 'below' : 'below_soft', { used, name });
  return (
    <Note tone="warning" title={t(`field.${limit}`)}>
      {text}
    </Note>
  );
}
