import { lazy, Suspense } from 'react';
import { Route, Routes } from 'react-router';
import { LoginPage } from '@/features/login/LoginPage';
import { withMoreWords } from '@/i18n';
import { RequireAdmin, RequireSession } from './guards';
import { NotFoundPage } from './NotFoundPage';
import { PublicLayout } from './PublicLayout';
import { UsageRoute } from './UsageRoute';

// Nobody is told anything before the page is there.
const Notices = lazy(async () => ({ default: (await import('./Notices')).Notices }));

// A user's page comes with the first load; an admin's pages one by one.
const OverviewPage = lazy(async () => ({
  default: (await withMoreWords(import('@/features/overview/OverviewPage'))).OverviewPage,
}));
const HostsPage = lazy(async () => ({
  default: (await withMoreWords(import('@/features/hosts/HostsPage'))).HostsPage,
}));
const HostRoute = lazy(async () => ({ default: (await withMoreWords(import('./HostRoute'))).HostRoute }));
const DeviceRoute = lazy(async () => ({ default: (await import('./DeviceRoute')).DeviceRoute }));
const DockerPage = lazy(async () => ({
  default: (await withMoreWords(import('@/features/docker/DockerPage'))).DockerPage,
}));
const MappingsPage = lazy(async () => ({
  default: (await withMoreWords(import('@/features/mappings/MappingsPage'))).MappingsPage,
}));
const ImportPage = lazy(async () => ({
  default: (await withMoreWords(import('@/features/imports/ImportPage'))).ImportPage,
}));
const SetPage = lazy(async () => ({
  default: (await withMoreWords(import('@/features/imports/SetPage'))).SetPage,
}));
const PeoplePage = lazy(async () => ({
  default: (await withMoreWords(import('@/features/people/PeoplePage'))).PeoplePage,
}));
const PersonRoute = lazy(async () => ({
  default: (await withMoreWords(import('./PersonRoute'))).PersonRoute,
}));
const TokensRoute = lazy(async () => ({
  default: (await withMoreWords(import('./TokensRoute'))).TokensRoute,
}));
const AuditPage = lazy(async () => ({
  default: (await withMoreWords(import('@/features/audit/AuditPage'))).AuditPage,
}));

export function AppRoutes() {
  return (
    <>
      {/* Here and not further out: they hold links. */}
      <Suspense fallback={null}>
        <Notices position="bottom-right" />
      </Suspense>
      <Routes>
        <Route element={<PublicLayout />}>
          <Route path="login" element={<LoginPage />} />
        </Route>
        <Route element={<RequireSession />}>
          <Route index element={<UsageRoute />} />
          <Route path="tokens" element={<TokensRoute />} />
          <Route element={<RequireAdmin />}>
            <Route path="overview" element={<OverviewPage />} />
            <Route path="hosts" element={<HostsPage />} />
            <Route path="hosts/:host" element={<HostRoute />} />
            <Route path="hosts/:host/device" element={<DeviceRoute />} />
            <Route path="docker" element={<DockerPage />} />
            <Route path="people" element={<PeoplePage />} />
            <Route path="people/:person" element={<PersonRoute />} />
            <Route path="mappings" element={<MappingsPage />} />
            <Route path="import" element={<ImportPage />} />
            <Route path="import/:set" element={<SetPage />} />
            <Route path="audit" element={<AuditPage />} />
          </Route>
          <Route path="*" element={<NotFoundPage />} />
        </Route>
      </Routes>
    </>
  );
}
