import { Button, Group, Paper, Stack, Title } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import { FormDrawer } from '@/components/FormDrawer';
import { QueryBoundary } from '@/components/QueryBoundary';

interface SettingPanelProps<T> {
  title: string;
  /** What the form is called, which names the device too. */
  formTitle: string;
  query: UseQueryResult<T, unknown>;
  isEmpty?: (stands: T) => boolean;
  empty?: ReactNode;
  summary: (stands: T) => ReactNode;
  form: (stands: T) => ReactNode;
  /** Is the form open? */
  opened: boolean;
  onOpen: () => void;
  onClose: () => void;
}

/** What stands, and the form that changes it; nothing at all where the device has no such thing. */
export function SettingPanel<T>({ title, formTitle, query, summary, form, ...rest }: SettingPanelProps<T>) {
  const { t } = useTranslation('settings');
  const { isEmpty, empty, opened, onOpen, onClose } = rest;
  const { data, error } = query;
  if (data === undefined && error !== null && asProblem(error).code === 'not_supported') return null;
  return (
    <Paper component="section" aria-label={title} withBorder p="md" bg="var(--qman-ground)">
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Title order={2}>{title}</Title>
          {data === undefined ? null : (
            <Button variant="default" size="xs" aria-label={t('change', { name: title })} onClick={onOpen}>
              {t('change_short')}
            </Button>
          )}
        </Group>
        <QueryBoundary query={query} lines={1} isEmpty={isEmpty} empty={empty}>
          {summary}
        </QueryBoundary>
      </Stack>
      {data === undefined ? null : (
        <FormDrawer opened={opened} onClose={onClose} title={formTitle}>
          {form(data)}
        </FormDrawer>
      )}
    </Paper>
  );
}
