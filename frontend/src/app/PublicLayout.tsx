import { Group, Stack } from '@mantine/core';
import { Outlet } from 'react-router';
import { LanguageSwitch } from './LanguageSwitch';
import { SchemeSwitch } from './SchemeSwitch';

/** Around what is seen without a login. */
export function PublicLayout() {
  return (
    <Stack mih="100vh" p="md">
      <Group component="header" justify="flex-end" gap="xs">
        <LanguageSwitch />
        <SchemeSwitch />
      </Group>
      <Stack component="main" justify="center" flex={1}>
        <Outlet />
      </Stack>
    </Stack>
  );
}
