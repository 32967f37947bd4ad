import { Button, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { DataTable } from '@/components/DataTable';
import { EmptyState } from '@/components/EmptyState';
import { PageHeader } from '@/components/PageHeader';
import { Pages } from '@/components/Pages';
import { QueryBoundary } from '@/components/QueryBoundary';
import { PAGE_SIZE } from '@/lib/paging';
import { useUrlState } from '@/lib/urlState';
import { AuditFilters } from './AuditFilters';
import { useAuditColumns } from './columns';
import { useAudit } from './queries';
import { auditUrl } from './url';

export function AuditPage() {
  const { t } = useTranslation('audit');
  const [url, setUrl] = useUrlState(auditUrl);
  const query = useAudit(url);
  const columns = useAuditColumns();
  const filtered = url.q !== '' || url.host !== '' || url.since !== undefined || url.until !== undefined;
  const clear = () => setUrl({ q: '', host: '', since: undefined, until: undefined, page: 1 });
  return (
    <Stack gap="lg">
      <PageHeader title={t('title')} subtitle={t('intro')} />
      <AuditFilters url={url} setUrl={setUrl} />
      <QueryBoundary
        query={query}
        isEmpty={({ total }) => total === 0}
        empty={
          filtered ? (
            <NoneFound onClear={clear} />
          ) : (
            <EmptyState title={t('empty.title')} text={t('empty.text')} />
          )
        }
      >
        {({ items, total }) => (
          <Stack gap="sm">
            <DataTable label={t('label')} columns={columns} rows={items} rowKey={({ id }) => id} />
            <Pages page={url.page} pageSize={PAGE_SIZE} total={total} onChange={(page) => setUrl({ page })} />
          </Stack>
        )}
      </QueryBoundary>
    </Stack>
  );
}

function NoneFound({ onClear }: { onClear: () => void }) {
  const { t } = useTranslation('audit');
  return (
    <EmptyState title={t('none_found.title')} text={t('none_found.text')}>
      <Button variant="default" onClick={onClear}>
        {t('clear')}
      </Button>
    </EmptyState>
  );
}
