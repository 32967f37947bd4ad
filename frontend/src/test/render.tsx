import { type QueryClient } from '@tanstack/react-query';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import type { ReactNode } from 'react';
import { MemoryRouter, useLocation } from 'react-router';
import { afterEach } from 'vitest';
import { startClient } from '@/api/client';
import { AppRoutes } from '@/app/AppRoutes';
import { Providers } from '@/app/Providers';
import { createQueryClient } from '@/app/queryClient';
import { me } from './fixtures';
import { server } from './server';

let stop: (() => void) | undefined;
let queryClient: QueryClient | undefined;

afterEach(() => {
  stop?.();
  queryClient?.clear();
});

function Address() {
  const { pathname, search } = useLocation();
  return <output data-testid="address">{pathname + search}</output>;
}

/** The whole app at this address, or a part of it, as it is in a browser, on what `server` answers. */
export function renderApp(address: string, content: ReactNode = <AppRoutes />) {
  queryClient = createQueryClient();
  // Tests wait for what they see, not for the pauses between attempts.
  queryClient.setDefaultOptions({ queries: { ...queryClient.getDefaultOptions().queries, retryDelay: 1 } });
  stop = startClient(queryClient);
  const view = render(
    <Providers queryClient={queryClient}>
      <MemoryRouter initialEntries={[address]}>
        {content}
        <Address />
      </MemoryRouter>
    </Providers>,
  );
  return { ...view, user: userEvent.setup() };
}

export function address(): string {
  return screen.getByTestId('address').textContent;
}

const NO_DOCKER = { items: [], total: 0, page: 1, page_size: 100, hosts: [], claims: [] };

/** Answers every GET with this JSON; `/api/me` is an admin without Docker unless the test says otherwise. */
export function answer(answers: Record<string, object>) {
  const all = { '/api/me': me(), '/api/me/docker': NO_DOCKER, ...answers };
  for (const [path, body] of Object.entries(all)) {
    server.use(http.get(path, () => HttpResponse.json(body)));
  }
}

export function problem(status: number, code: string, errors: object[] = []) {
  const body = {
    type: `urn:qman:problem:${code}`,
    title: code,
    status,
    code,
    detail: `Detail of ${code}.`,
    errors,
  };
  const headers = { 'Content-Type': 'application/problem+json' };
  return HttpResponse.json({ ...body, request_id: 'req-42' }, { status, headers });
}

export function fail(path: string, status: number, code: string) {
  server.use(http.get(path, () => problem(status, code)));
}

export function neverAnswer(path: string) {
  server.use(http.get(path, () => delay('infinite')));
}
