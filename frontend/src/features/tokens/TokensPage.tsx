import { Button, Group, SegmentedControl, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { PagedList } from '@/components/PagedList';
import { PageHeader } from '@/components/PageHeader';
import { QueryBoundary } from '@/components/QueryBoundary';
import { SearchBox } from '@/components/SearchBox';
import { useUrlState } from '@/lib/urlState';
import { useOwnedTokenColumns, useTokenColumns } from './columns';
import { MakeToken } from './MakeToken';
import { type ListedToken, tokensUrl } from './model';
import { useEverybodysTokens, useMyTokens } from './queries';
import { RevokeToken } from './RevokeToken';

interface ListProps {
  onRevoke: (token: ListedToken) => void;
}

export function TokensPage({ isAdmin }: { isAdmin: boolean }) {
  const { t } = useTranslation('tokens');
  const [url, setUrl] = useUrlState(tokensUrl);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ListedToken | null>(null);
  const all = isAdmin && url.of === 'all';
  return (
    <Stack gap="lg">
      <PageHeader
        title={t('title')}
        subtitle={t('intro')}
        actions={
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setMaking(true)}>
            {t('make')}
          </Button>
        }
      />
      {isAdmin ? (
        <Group>
          <SegmentedControl
            aria-label={t('whose')}
            value={url.of}
            onChange={(of) => setUrl({ of: of === 'all' ? 'all' : 'me', q: '', page: 1 })}
            data={(['me', 'all'] as const).map((of) => ({ value: of, label: t(`of.${of}`) }))}
          />
        </Group>
      ) : null}
      {all ? <EverybodysTokens onRevoke={setRevoking} /> : <MyTokens onRevoke={setRevoking} />}
      <MakeToken opened={making} isAdmin={isAdmin} onClose={() => setMaking(false)} />
      <RevokeToken token={revoking} onClose={() => setRevoking(null)} />
    </Stack>
  );
}

function MyTokens({ onRevoke }: ListProps) {
  const { t } = useTranslation('tokens');
  const columns = useTokenColumns(onRevoke);
  return (
    <QueryBoundary
      query={useMyTokens()}
      isEmpty={({ total }) => total === 0}
      empty={<EmptyState title={t('empty.title')} text={t('empty.text')} />}
    >
      {({ items }) => <DataTable label={t('of.me')} columns={columns} rows={items} rowKey={({ id }) => id} />}
    </QueryBoundary>
  );
}

function EverybodysTokens({ onRevoke }: ListProps) {
  const { t } = useTranslation('tokens');
  const [url, setUrl] = useUrlState(tokensUrl);
  const columns = useOwnedTokenColumns(onRevoke);
  return (
    <>
      <Group>
        <SearchBox
          label={t('search')}
          value={url.q}
          onSearch={(q) => setUrl({ q, page: 1 }, { replace: true })}
        />
      </Group>
      <PagedList
        label={t('of.all')}
        query={useEverybodysTokens(url)}
        empty={<EmptyState title={t('none_found.title')} text={t('none_found.text')} />}
        columns={columns}
        rowKey={({ id }) => id}
        url={url}
        setUrl={setUrl}
      />
    </>
  );
}
