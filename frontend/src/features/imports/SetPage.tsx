import { Anchor, SegmentedControl, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import type { ChangeSetOut } from '@/api/generated/types.gen';
import { EmptyState } from '@/components/EmptyState';
import { PagedList } from '@/components/PagedList';
import { PageHeader } from '@/components/PageHeader';
import { QueryBoundary } from '@/components/QueryBoundary';
import { useFormat } from '@/i18n/useFormat';
import { shortId } from '@/lib/audit';
import { setPath } from '@/lib/paths';
import { useUrlState } from '@/lib/urlState';
import { useLineColumns } from './columns';
import { useChangeLines, useChangeSet } from './queries';
import { SetSteps } from './SetSteps';
import { ONLY, setUrl } from './url';

/** One import, batch or undo: its preview, then how far it is, then how it ended. */
export function SetPage() {
  const { t } = useTranslation('imports');
  const { set = '' } = useParams();
  const query = useChangeSet(set);
  const crumbs = [{ label: t('title'), to: '/import' }];
  const title = t(`title_of.${query.data?.kind ?? 'import'}`, { id: shortId(set) });
  return (
    <Stack gap="lg">
      <PageHeader
        title={title}
        crumbs={crumbs}
        subtitle={query.data === undefined ? undefined : <About change={query.data} />}
      />
      <QueryBoundary query={query}>
        {(change) => (
          <>
            <SetSteps change={change} />
            <Lines change={change} />
          </>
        )}
      </QueryBoundary>
    </Stack>
  );
}

function About({ change: { actor, created_at, reason, undo_of, undone_by } }: { change: ChangeSetOut }) {
  const { t } = useTranslation('imports');
  const format = useFormat();
  const others = [
    { id: undo_of, text: 'undo_of' as const },
    { id: undone_by, text: 'undone_by' as const },
  ];
  return (
    <>
      {[t('by', { name: actor.name, when: format.instant(created_at) }), reason].filter(Boolean).join(' · ')}
      {others.map(({ id, text }) =>
        id === null ? null : (
          <div key={text}>
            <Anchor component={Link} to={setPath(id)} size="sm">
              {t(text, { id: shortId(id) })}
            </Anchor>
          </div>
        ),
      )}
    </>
  );
}

function Lines({ change }: { change: ChangeSetOut }) {
  const { t } = useTranslation('imports');
  const [url, update] = useUrlState(setUrl);
  const query = useChangeLines(change, url);
  const columns = useLineColumns();
  if (change.counts.total === 0) return <EmptyState title={t('no_lines.title')} text={t('no_lines.text')} />;
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label={t('only.label')}
        value={url.only}
        onChange={(only) => update({ only, page: 1 })}
        data={ONLY.map((only) => ({ value: only, label: t(`only.${only}`) }))}
        style={{ alignSelf: 'flex-start', maxWidth: '100%', overflowX: 'auto' }}
      />
      <PagedList
        label={t('lines')}
        query={query}
        empty={<EmptyState title={t('none_found.title')} text={t('none_found.text')} />}
        columns={columns}
        rowKey={({ line }) => String(line)}
        url={url}
        setUrl={update}
      />
    </Stack>
  );
}
