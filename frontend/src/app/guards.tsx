import { Center, Loader } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Navigate, Outlet, useLocation } from 'react-router';
import { asProblem, isUnauthenticated } from '@/api/problems';
import { sessionOptions } from '@/api/session';
import { EmptyState } from '@/components/EmptyState';
import { PageHeader } from '@/components/PageHeader';
import { ProblemPanel } from '@/components/ProblemPanel';
import { useIsEditing } from '@/lib/editing';
import { loginPath } from '@/lib/returnTo';
import { AppLayout } from './AppLayout';

/** Everything but the login page stands behind this. */
export function RequireSession() {
  const { t } = useTranslation();
  const { data: me, error, isFetching, refetch } = useQuery(sessionOptions());
  const { pathname, search } = useLocation();
  const editing = useIsEditing();
  // With a form open the page stays: the form itself says that the session ended and how to go on.
  if (isUnauthenticated(error) && !(editing && me !== undefined)) {
    return <Navigate to={loginPath(pathname + search)} replace />;
  }
  if (me !== undefined) return <AppLayout me={me} />;
  return (
    <Center mih="100vh" p="md" component="main">
      {error === null ? (
        <Loader aria-label={t('loading')} />
      ) : (
        <ProblemPanel problem={asProblem(error)} onRetry={() => void refetch()} retrying={isFetching} />
      )}
    </Center>
  );
}

/** Politeness only: the API itself refuses who is not an admin. */
export function RequireAdmin() {
  const { t } = useTranslation();
  const { data: me } = useQuery(sessionOptions());
  if (me?.is_admin === true) return <Outlet />;
  return (
    <>
      <PageHeader title={t('admins_only.title')} />
      <EmptyState icon={IconLock} title={t('admins_only.title')} text={t('admins_only.text')} />
    </>
  );
}
