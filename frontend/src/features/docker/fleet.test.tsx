import { screen, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
// It comes lazily: loaded here, it does not take from the time of the first test.
import '@/features/docker/DockerPage';
import { page, row, secondsAgo } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { address, answer, renderApp } from '@/test/render';
import { server } from '@/test/server';

const QUEUE = '/api/admin/docker/review-queue';
const EVENTS = '/api/admin/docker/events';
const GIB = 1024 ** 3;
const item = {
  kind: 'volume',
  host: 'host4',
  id: 'scratch',
  name: 'scratch',
  created_at: null,
  measured_at: secondsAgo(5),
  bytes: GIB,
  attribution: { uid: null, user: null, method: 'none', certainty: 'unknown', candidates: [] },
  claims: [],
};
const event = {
  id: '3f2d8f5e-1111-4222-8333-444455556666',
  host: 'host4',
  type: 'docker.container_stopped',
  occurred_at: secondsAgo(60),
  received_at: secondsAgo(50),
  device: 'docker',
  uid: 1000,
  user: 'alice',
  container: { id: 'c1', name: 'web-3' },
  used_bytes: 12 * GIB,
  limit_bytes: 10 * GIB,
  explanation: "stopped web-3, newest of alice's 4",
};
const queue = { ...page([item]), hosts: [] };

describe("Docker's review queue of all hosts", () => {
  hasFourStates({
    at: '/docker',
    path: QUEUE,
    empty: { body: { ...page([]), hosts: [] }, text: 'Nothing to be decided' },
    data: { body: queue, text: 'scratch' },
  });

  it('is decided for the host that has the thing', async () => {
    answer({ [QUEUE]: queue, '/api/rows': page([row()]), '/api/admin/docker/history': { items: [] } });
    let sent: unknown;
    server.use(
      http.post('/api/admin/docker/attributions', async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({
          audit_id: 'a1',
          object: {
            kind: 'volume',
            id: 'scratch',
            name: 'scratch',
            attribution: item.attribution,
            history: [],
          },
        });
      }),
    );
    const { user } = renderApp('/docker');
    await user.click(await screen.findByRole('button', { name: 'Say whose scratch is' }));
    await user.click(await screen.findByRole('checkbox', { name: "It is nobody's" }));
    await user.click(screen.getByRole('button', { name: 'Save' }));
    expect(await screen.findByText("scratch is nobody's")).toBeInTheDocument();
    expect(sent).toEqual({ host: 'host4', kind: 'volume', id: 'scratch', uid: null });
  });
});

describe('The log of enforcement', () => {
  hasFourStates({
    at: '/docker?view=events',
    path: EVENTS,
    others: { [QUEUE]: queue, '/api/rows': page([row()]) },
    empty: { body: page([]), text: 'Nothing was enforced' },
    data: { body: page([event]), text: "stopped web-3, newest of alice's 4" },
  });

  it('is asked for what the address says, and says what was done to whom', async () => {
    let asked: unknown;
    answer({ [QUEUE]: queue, '/api/rows': page([row()]) });
    server.use(
      http.get(EVENTS, ({ request }) => {
        asked = Object.fromEntries(new URL(request.url).searchParams);
        return HttpResponse.json(page([event]));
      }),
    );
    renderApp('/docker?view=events&host=host4&user=alice&type=docker.container_stopped');
    const table = within(await screen.findByRole('table', { name: 'Enforcement log' }));
    expect(table.getByText('Container stopped')).toBeInTheDocument();
    expect(table.getByText('12 GiB of 10 GiB')).toBeInTheDocument();
    expect(screen.getByRole('link', { name: /CSV/ })).toHaveAttribute(
      'href',
      '/api/export/docker-events.csv?host=host4&type=docker.container_stopped&user=alice',
    );
    expect(asked).toMatchObject({ host: 'host4', user: 'alice', type: 'docker.container_stopped' });
  });

  it('is filtered by a host and a user that there are', async () => {
    const asked: string[] = [];
    const rows = [row({ name: 'alice' }), row({ id: 1001, name: 'bob' }), row({ id: 7, name: '#7' })];
    const hosts = [{ host: 'host4', taken_at: null, age_seconds: null, problem: null }];
    answer({ [EVENTS]: page([event]), [QUEUE]: { ...queue, hosts } });
    server.use(
      http.get('/api/rows', ({ request }) => {
        const { searchParams } = new URL(request.url);
        asked.push(`${searchParams.get('kind')} ${searchParams.get('host')}`);
        return HttpResponse.json(page(rows));
      }),
    );
    const { user } = renderApp('/docker?view=events');
    await user.click(await screen.findByRole('combobox', { name: 'Host' }));
    await user.click(await screen.findByRole('option', { name: 'host4' }));
    await user.click(screen.getByRole('combobox', { name: 'User' }));
    await user.click(await screen.findByRole('option', { name: 'bob' }));
    expect(screen.queryByRole('option', { name: '#7' })).toBeNull();
    expect(address()).toBe('/docker?view=events&host=host4&page=1&user=bob');
    expect(asked).toContain('docker host4');
  });

  it('is shown whole again when the filters are cleared', async () => {
    answer({ [EVENTS]: page([]), [QUEUE]: queue, '/api/rows': page([row()]) });
    const { user } = renderApp('/docker?view=events&user=nobody');
    await user.click(await screen.findByRole('button', { name: 'Clear the filters' }));
    expect(await screen.findByText(/appear here as hosts tell them/)).toBeInTheDocument();
    expect(address()).toBe('/docker?view=events&page=1');
  });
});
