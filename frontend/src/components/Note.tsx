import { Alert } from '@mantine/core';
import { type Icon, IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface NoteProps {
  tone: 'problem' | 'warning' | 'info';
  /** Read out at once (alert) or when there is a pause (status). */
  role?: 'alert' | 'status';
  icon?: Icon;
  title?: ReactNode;
  compact?: boolean;
  children: ReactNode;
}

const COLORS = { problem: 'red', warning: 'orange', info: 'blue' };

/** Something to be told beside the data: what failed, what to mind. */
export function Note({ tone, role, icon, title, compact = false, children }: NoteProps) {
  const Symbol = icon ?? (tone === 'info' ? IconInfoCircle : IconAlertTriangle);
  return (
    <Alert
      role={role}
      color={COLORS[tone]}
      variant="outline"
      bg="var(--qman-ground)"
      p={compact ? 'xs' : 'md'}
      icon={<Symbol aria-hidden />}
      title={title}
    >
      {children}
    </Alert>
  );
}
