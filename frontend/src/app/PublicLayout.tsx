import { Group, Stack, Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Outlet } from 'react-router';
import { LanguageSwitch } from './LanguageSwitch';

const SchemeSwitch = lazy(async () => ({ default: (await import('./SchemeSwitch')).SchemeSwitch }));

/** Around what is seen without a login. */
export function PublicLayout() {
  return (
    <Stack mih="100vh" p="md">
      <Group component="header" justify="flex-end" gap="xs">
        <LanguageSwitch />
        <Suspense fallback={<Skeleton width={36} height={36} radius="md" />}>
          <SchemeSwitch />
        </Suspense>
      </Group>
      <Stack component="main" justify="center" flex={1}>
        <Outlet />
      </Stack>
    </Stack>
  );
}
