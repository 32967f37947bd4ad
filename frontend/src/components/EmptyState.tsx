import { Paper, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { type Icon, IconInbox } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface EmptyStateProps {
  title: string;
  /** What to do next; an empty page that only says "nothing" leaves people stuck. */
  text: string;
  icon?: Icon;
  children?: ReactNode;
}

export function EmptyState({ title, text, icon: Symbol = IconInbox, children }: EmptyStateProps) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="sm">
        <ThemeIcon variant="default" size="xl" radius="xl" aria-hidden>
          <Symbol size={22} />
        </ThemeIcon>
        <Title order={2}>{title}</Title>
        <Text c="dimmed" ta="center" maw={560}>
          {text}
        </Text>
        {children}
      </Stack>
    </Paper>
  );
}
