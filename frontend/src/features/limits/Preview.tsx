import { List, Stack, Text, Title } from '@mantine/core';
import { IconArrowNarrowRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Note } from '@/components/Note';
import { useFormat } from '@/i18n/useFormat';
import type { QuotaNumbers } from '@/lib/quota';
import { type Change, type LimitName, writeField } from './model';
import classes from './Preview.module.css';

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
          {changes.map(({ name: field, before, after }) => (
            <List.Item key={field}>
              {t(`field.${field}`)}{' '}
              <span className={classes.change}>
                <del>{limitText(field, before, t('unlimited'))}</del>
                <IconArrowNarrowRight size={16} aria-hidden />
                <ins>{limitText(field, after, t('unlimited'))}</ins>
              </span>
            </List.Item>
          ))}
        </List>
      )}
      {changes
        .filter(({ below }) => below)
        .map((change) => (
          <BelowUsage key={change.name} change={change} row={row} name={name} />
        ))}
    </Stack>
  );
}

function limitText(field: LimitName, value: number, unlimited: string): string {
  return value === 0 ? unlimited : writeField(field, value);
}

function BelowUsage({ change, row, name }: { change: Change; row: QuotaNumbers; name: string }) {
  const { t } = useTranslation('limits');
  const format = useFormat();
  const isSpace = change.name.startsWith('block');
  const used = isSpace ? format.bytes(row.block_current) : format.count(row.inode_current);
  const text = t(change.name.includes('hard') ? 'below' : 'below_soft', { used, name });
  return (
    <Note tone="warning" title={t(`field.${change.name}`)}>
      {text}
    </Note>
  );
}
