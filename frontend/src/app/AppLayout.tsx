import { AppShell, Burger, Group, Loader, Skeleton, Stack } from '@mantine/core';
import { useDisclosure, useNetwork } from '@mantine/hooks';
import { IconFlask, IconWifiOff } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Outlet, useLocation } from 'react-router';
import type { Me } from '@/api/session';
import { ErrorBoundary } from '@/components/ErrorBoundary';
import { Note } from '@/components/Note';
import classes from './AppLayout.module.css';
import { LanguageSwitch } from './LanguageSwitch';
import { Navigation } from './Navigation';

const HeaderMenus = lazy(async () => ({ default: (await import('./HeaderMenus')).HeaderMenus }));

export function AppLayout({ me }: { me: Me }) {
  const { t } = useTranslation();
  const [opened, { toggle, close }] = useDisclosure(false);
  const { pathname } = useLocation();
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'sm', sm: 'lg' }}
    >
      <a href="#content" className={classes.skip}>
        {t('skip')}
      </a>
      <AppShell.Header>
        <Group h="100%" px="sm" justify="space-between" wrap="nowrap" gap="xs">
          <Group gap="xs" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={t('open_navigation')}
              aria-expanded={opened}
            />
            <Link to="/" className={classes.brand}>
              <img src="/assets/icon.svg" width={24} height={24} alt="" />
              {t('app')}
            </Link>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <LanguageSwitch />
            <Suspense fallback={<Skeleton width={150} height={36} radius="md" />}>
              <HeaderMenus me={me} />
            </Suspense>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={t('navigation')}>
        <Navigation isAdmin={me.is_admin} onNavigate={close} />
      </AppShell.Navbar>
      <AppShell.Main>
        <Stack id="content" tabIndex={-1} className={classes.content} gap="lg">
          <Banners demo={me.demo} />
          <ErrorBoundary key={pathname}>
            <Suspense fallback={<Loader aria-label={t('loading')} />}>
              <Outlet />
            </Suspense>
          </ErrorBoundary>
        </Stack>
      </AppShell.Main>
    </AppShell>
  );
}

function Banners({ demo }: { demo: boolean }) {
  const { t } = useTranslation();
  const { online } = useNetwork();
  return (
    <>
      {online ? null : (
        <Note tone="warning" role="status" icon={IconWifiOff} compact>
          {t('offline')}
        </Note>
      )}
      {demo ? (
        <Note tone="info" icon={IconFlask} compact>
          {t('demo')}
        </Note>
      ) : null}
    </>
  );
}
