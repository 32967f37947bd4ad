import { NavLink } from '@mantine/core';
import {
  type Icon,
  IconChartBar,
  IconFileImport,
  IconHistory,
  IconLayoutDashboard,
  IconServer,
  IconUsers,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';

interface Place {
  name: 'usage' | 'overview' | 'hosts' | 'mappings' | 'import' | 'audit';
  to: string;
  icon: Icon;
  admin: boolean;
}

const PLACES: Place[] = [
  { name: 'usage', to: '/', icon: IconChartBar, admin: false },
  { name: 'overview', to: '/overview', icon: IconLayoutDashboard, admin: true },
  { name: 'hosts', to: '/hosts', icon: IconServer, admin: true },
  { name: 'mappings', to: '/mappings', icon: IconUsers, admin: true },
  { name: 'import', to: '/import', icon: IconFileImport, admin: true },
  { name: 'audit', to: '/audit', icon: IconHistory, admin: true },
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
