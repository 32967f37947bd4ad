import { Group, Stack, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import type { HostDeviceOut, PersonDetailOut } from '@/api/generated/types.gen';
import type { QuotaRow } from '@/api/rows';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { ExportLinks } from '@/components/ExportLinks';
import { PageHeader } from '@/components/PageHeader';
import { QueryBoundary } from '@/components/QueryBoundary';
import { useFormat } from '@/i18n/useFormat';
import { useAccountColumns, useLoginColumns, useRowColumns } from './columns';
import { useCapabilities, usePerson } from './queries';

interface PersonPageProps {
  /** Changing limits is a feature of its own, put in by the router. */
  renderEditor: (props: {
    row: QuotaRow | null;
    capabilities: HostDeviceOut['capabilities'];
    onClose: () => void;
  }) => ReactNode;
}

/** One person everywhere: their quotas on all hosts, worst first, the accounts that are theirs, their last logins. */
export function PersonPage({ renderEditor }: PersonPageProps) {
  const { t } = useTranslation('people');
  const format = useFormat();
  const { person: id = '' } = useParams();
  const query = usePerson(id);
  const [edited, setEdited] = useState<QuotaRow | null>(null);
  const capabilities = useCapabilities(edited);
  const crumbs = [{ label: t('title'), to: '/people' }];
  const { data } = query;
  const subtitle = data && [data.email, t('last_login', { when: format.instant(data.last_login_at) })];
  return (
    <Stack gap="lg">
      <PageHeader
        title={data?.name ?? t('person')}
        crumbs={crumbs}
        subtitle={subtitle?.filter((part) => part !== null).join(' · ')}
        actions={<ExportLinks filters={{ person: id }} />}
      />
      <QueryBoundary query={query}>
        {(person) => <PersonTables person={person} onEdit={setEdited} />}
      </QueryBoundary>
      {capabilities === null
        ? null
        : renderEditor({ row: edited, capabilities, onClose: () => setEdited(null) })}
    </Stack>
  );
}

interface PersonTablesProps {
  person: PersonDetailOut;
  onEdit: (row: QuotaRow) => void;
}

function PersonTables({ person, onEdit }: PersonTablesProps) {
  const { t } = useTranslation('people');
  const rows = useRowColumns(onEdit);
  const accounts = useAccountColumns();
  const logins = useLoginColumns();
  return (
    <Stack gap="xl">
      <Part title={t('quotas')}>
        {person.rows.length === 0 ? (
          <EmptyState title={t('no_quotas.title')} text={t('no_quotas.text')} />
        ) : (
          <DataTable label={t('quotas')} columns={rows} rows={person.rows} rowKey={keyOf} />
        )}
      </Part>
      {person.mappings.length === 0 ? null : (
        <Part title={t('accounts')}>
          <DataTable
            label={t('accounts')}
            columns={accounts}
            rows={person.mappings}
            rowKey={({ host, username }) => [host, username].join()}
          />
        </Part>
      )}
      {person.logins.length === 0 ? null : (
        <Part title={t('logins')}>
          <DataTable label={t('logins')} columns={logins} rows={person.logins} rowKey={({ at }) => at} />
        </Part>
      )}
    </Stack>
  );
}

function keyOf({ host, device, quota_type, id }: QuotaRow): string {
  return [host, device, quota_type, id].join();
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap="sm" component="section" aria-label={title}>
      <Group>
        <Title order={2}>{title}</Title>
      </Group>
      {children}
    </Stack>
  );
}
