import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '@/api/problems';
import { Note } from './Note';
import { ProblemPanel } from './ProblemPanel';

export interface QueryLike<T> {
  data: T | undefined;
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}

interface QueryBoundaryProps<T> {
  query: QueryLike<T>;
  isEmpty?: ((data: T) => boolean) | undefined;
  empty?: ReactNode;
  /** How tall it will be, in lines of a list; something small has one. */
  lines?: number;
  children: (data: T) => ReactNode;
}

/** The four states of everything that is fetched. Old data with a failed refresh stays, and says so. */
export function QueryBoundary<T>({ query, isEmpty, empty, lines = 3, children }: QueryBoundaryProps<T>) {
  const { data, error, isFetching, refetch } = query;
  if (data === undefined) {
    if (error === null) return <Loading lines={lines} />;
    return <ProblemPanel problem={asProblem(error)} onRetry={() => void refetch()} retrying={isFetching} />;
  }
  return (
    <Stack gap="md">
      {error === null ? null : <NotRefreshed error={error} />}
      {isEmpty?.(data) === true ? empty : children(data)}
    </Stack>
  );
}

function Loading({ lines }: { lines: number }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" role="status">
      <VisuallyHidden>{t('loading')}</VisuallyHidden>
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={72} radius="md" aria-hidden />
      ))}
    </Stack>
  );
}

function NotRefreshed({ error }: { error: unknown }) {
  const { t } = useTranslation(['common', 'problems']);
  const reason = t(`problems:code.${asProblem(error).code}.title`);
  return (
    <Note tone="warning" role="status" icon={IconCloudOff}>
      {t('common:not_refreshed', { reason })}
    </Note>
  );
}
