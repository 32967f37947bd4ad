import { createBrowserRouter, type RouteObject } from 'react-router';
import { Crashed } from '@/components/ErrorBoundary';
import { LoginPage } from '@/features/login/LoginPage';
import { UsagePage } from '@/features/usage/UsagePage';
import { RequireAdmin, RequireSession } from './guards';
import { NotFoundPage } from './NotFoundPage';

/** A user's pages come with the first load; an admin's one by one. */
const adminRoutes: RouteObject[] = [
  { path: 'overview', lazy: async () => ({ Component: (await import('@/features/overview/OverviewPage')).OverviewPage }) },
  { path: 'hosts', lazy: async () => ({ Component: (await import('@/features/hosts/HostsPage')).HostsPage }) },
  { path: 'hosts/:host', lazy: async () => ({ Component: (await import('@/features/hosts/HostPage')).HostPage }) },
  { path: 'hosts/:host/device', lazy: async () => ({ Component: (await import('./DeviceRoute')).DeviceRoute }) },
  { path: 'mappings', lazy: async () => ({ Component: (await import('@/features/mappings/MappingsPage')).MappingsPage }) },
  { path: 'audit', lazy: async () => ({ Component: (await import('@/features/audit/AuditPage')).AuditPage }) },
];

export const routes: RouteObject[] = [
  { path: '/login', Component: LoginPage, ErrorBoundary: Crashed },
  {
    path: '/',
    Component: RequireSession,
    ErrorBoundary: Crashed,
    // What is shown while a page's code is on its way; the guard shows the loading state anyway.
    HydrateFallback: () => null,
    children: [
      { index: true, Component: UsagePage },
      { Component: RequireAdmin, children: adminRoutes },
      { path: '*', Component: NotFoundPage },
    ],
  },
];

export const createRouter = () => createBrowserRouter(routes);
