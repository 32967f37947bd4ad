import { Badge, Button, Group, Menu, Text } from '@mantine/core';
import { IconLogout, IconUserCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type Me, useLogout } from '@/api/session';

export function UserMenu({ me }: { me: Me }) {
  const { t } = useTranslation();
  const logout = useLogout();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          size="sm"
          px="xs"
          leftSection={<IconUserCircle size={18} aria-hidden />}
          aria-label={t('account.label', { name: me.name })}
        >
          <Text component="span" size="sm" truncate maw={110}>
            {me.name}
          </Text>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Group px="sm" py="xs" gap="xs" wrap="nowrap">
          <Text size="sm" fw={600} truncate>
            {me.name}
          </Text>
          <Badge variant="default" size="sm">
            {t(me.is_admin ? 'account.admin' : 'account.user')}
          </Badge>
        </Group>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          disabled={logout.isPending}
          onClick={() => logout.mutate()}
        >
          {t('account.logout')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
