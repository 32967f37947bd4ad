import { Button, Code, Group, Text } from '@mantine/core';
import { IconCircleCheck, IconClockOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Column } from '@/components/DataTable';
import { StateBadge } from '@/components/StateBadge';
import { useFormat } from '@/i18n/useFormat';
import type { ListedToken } from './model';

export function useTokenColumns(onRevoke: (token: ListedToken) => void): Column<ListedToken>[] {
  const { t } = useTranslation('tokens');
  return [
    {
      id: 'name',
      header: t('column.name'),
      minWidth: '9rem',
      cell: ({ name, prefix }) => (
        <>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
          <Code>{prefix}…</Code>
        </>
      ),
    },
    {
      id: 'scopes',
      header: t('column.scopes'),
      minWidth: '6rem',
      cell: ({ scopes }) => (
        <Group gap={4}>{scopes.map((scope) => t(`scope.${scope}.name`)).join(', ')}</Group>
      ),
    },
    { id: 'state', header: t('column.state'), cell: ({ state }) => <TokenState state={state} /> },
    {
      id: 'expires',
      header: t('column.expires_at'),
      minWidth: '8rem',
      cell: ({ expires_at }) => <When at={expires_at} />,
    },
    { id: 'used', header: t('column.last_used_at'), cell: ({ last_used_at }) => <When at={last_used_at} /> },
    {
      id: 'revoke',
      header: t('column.revoke'),
      cell: (token) => (
        <Button
          variant="default"
          size="xs"
          aria-label={t('revoke', { name: token.name })}
          onClick={() => onRevoke(token)}
        >
          {t('revoke_short')}
        </Button>
      ),
    },
  ];
}

/** The same, and whose they are. */
export function useOwnedTokenColumns(onRevoke: (token: ListedToken) => void): Column<ListedToken>[] {
  const { t } = useTranslation('tokens');
  const columns = useTokenColumns(onRevoke);
  return [{ id: 'person', header: t('column.person'), cell: ({ person }) => person?.name }, ...columns];
}

function TokenState({ state }: Pick<ListedToken, 'state'>) {
  const { t } = useTranslation('tokens');
  const active = state === 'active';
  const icon = active ? IconCircleCheck : IconClockOff;
  return <StateBadge tone={active ? 'good' : 'quiet'} icon={icon} word={t(`state.${state}`)} />;
}

function When({ at }: { at: string | null }) {
  const { t } = useTranslation('tokens');
  const format = useFormat();
  return at === null ? t('never_used') : <time dateTime={at}>{format.instant(at)}</time>;
}
