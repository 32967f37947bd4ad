import { NavLink } from '@mantine/core';
import {
  type Icon,
  IconBrandDocker,
  IconChartBar,
  IconFileImport,
  IconHistory,
  IconKey,
  IconLayoutDashboard,
  IconLink,
  IconServer,
  IconUsers,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';

interface Place {
  name: 'usage' | 'overview' | 'hosts' | 'docker' | 'people' | 'mappings' | 'import' | 'audit' | 'tokens';
  to: string;
  icon: Icon;
  admin: boolean;
}

const PLACES: Place[] = [
  { name: 'usage', to: '/', icon: IconChartBar, admin: false },
  { name: 'overview', to: '/overview', icon: IconLayoutDashboard, admin: true },
  { name: 'hosts', to: '/hosts', icon: IconServer, admin: true },
  { name: 'docker', to: '/docker', icon: IconBrandDocker, admin: true },
  { name: 'people', to: '/people', icon: IconUsers, admin: true },
  { name: 'mappings', to: '/mappings', icon: IconLink, admin: true },
  { name: 'import', to: '/import', icon: IconFileImport, admin: true },
  { name: 'audit', to: '/audit', icon: IconHistory, admin: true },
  { name: 'tokens', to: '/tokens', icon: IconKey, admin: false },
];

interface NavigationProps {
  isAdmin: boolean;
  /** The menu of a phone closes when one has arrived. */
  onNavigate: () => void;
}

export function Navigation({ isAdmin, onNavigate }: NavigationProps) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const places = PLACES.filter(({ admin }) => isAdmin || !admin);
  return places.map(({ name, to, icon: Symbol }) => {
    const active = to === '/' ? pathname === '/' : pathname === to || pathname.startsWith(`${to}/`);
    return (
      <NavLink
        key={name}
        component={Link}
        to={to}
        label={t(`nav.${name}`)}
        leftSection={<Symbol size={18} aria-hidden />}
        active={active}
        aria-current={active ? 'page' : undefined}
        variant="filled"
        onClick={onNavigate}
      />
    );
  });
}
