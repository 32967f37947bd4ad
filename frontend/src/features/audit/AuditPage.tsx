import { Anchor, Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { AuditOut } from '@/api/generated/types.gen';
import { EmptyState } from '@/components/EmptyState';
import { Note } from '@/components/Note';
import { PagedList } from '@/components/PagedList';
import { PageHeader } from '@/components/PageHeader';
import { shortId } from '@/lib/audit';
import { setPath } from '@/lib/paths';
import { useUrlState } from '@/lib/urlState';
import { AuditFilters } from './AuditFilters';
import { useAuditColumns } from './columns';
import { ExportMenu } from './ExportMenu';
import { filtersOf, useAudit } from './queries';
import { UndoEntry } from './UndoEntry';
import { auditUrl } from './url';

export function AuditPage() {
  const { t } = useTranslation('audit');
  const [url, setUrl] = useUrlState(auditUrl);
  const query = useAudit(url);
  const [undoing, setUndoing] = useState<AuditOut | null>(null);
  const columns = useAuditColumns(setUndoing);
  const filtered = Object.keys(filtersOf(url)).length > 0;
  const clear = () =>
    setUrl({ q: '', host: '', change_set: '', since: undefined, until: undefined, page: 1 });
  return (
    <Stack gap="lg">
      <PageHeader title={t('title')} subtitle={t('intro')} actions={<ExportMenu url={url} />} />
      <AuditFilters url={url} setUrl={setUrl} />
      {url.change_set === '' ? null : <OfSet id={url.change_set} onClear={clear} />}
      <PagedList
        label={t('label')}
        query={query}
        empty={
          filtered ? (
            <NoneFound onClear={clear} />
          ) : (
            <EmptyState title={t('empty.title')} text={t('empty.text')} />
          )
        }
        columns={columns}
        rowKey={({ id }) => id}
        url={url}
        setUrl={setUrl}
      />
      <UndoEntry entry={undoing} onClose={() => setUndoing(null)} />
    </Stack>
  );
}

/** Said plainly, as the filter has no field of its own. */
function OfSet({ id, onClear }: { id: string; onClear: () => void }) {
  const { t } = useTranslation('audit');
  return (
    <Note tone="info" title={t('of_set', { id: shortId(id) })} compact>
      <Group gap="md">
        <Anchor component={Link} to={setPath(id)} size="sm">
          {t('open_set')}
        </Anchor>
        <Anchor component="button" type="button" size="sm" onClick={onClear}>
          {t('all_sets')}
        </Anchor>
      </Group>
    </Note>
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
