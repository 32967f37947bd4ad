import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { device, host, hostDetail, page, secondsAgo } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { address, answer, problem, renderApp } from '@/test/render';
import { server } from '@/test/server';

describe('Hosts', () => {
  hasFourStates({
    at: '/hosts',
    path: '/api/hosts',
    empty: { body: page([]), text: 'No hosts yet' },
    data: { body: page([host()]), text: 'host1' },
  });

  it('shows a host that was never heard of, and why', async () => {
    const never = host({
      state: 'never',
      taken_at: null,
      age_seconds: null,
      problem: { code: 'refused', detail: 'x', since: secondsAgo(90) },
    });
    answer({ '/api/hosts': page([never]) });
    renderApp('/hosts');
    const table = within(await screen.findByRole('table', { name: 'Hosts' }));
    expect(table.getAllByText('Never heard of')).toHaveLength(2);
    expect(table.getByText(/refuses the connection/)).toBeInTheDocument();
  });

  it.each([
    ['no_worker', /nobody carries them out/],
    ['not_planned', /No server plans/],
    ['stalled', /none is stored/],
  ])('says that none is read, which is not the fault of a host: %s', async (reason, text) => {
    const standstill = { reason, since: secondsAgo(600) };
    answer({ '/api/hosts': { ...page([host({ state: 'stale' })]), standstill } });
    renderApp('/hosts');
    expect(await screen.findByText(/^No host was read since/)).toBeInTheDocument();
    expect(screen.getByText(text)).toBeInTheDocument();
  });

  it('keeps search and sort in the address', async () => {
    const asked: string[] = [];
    answer({});
    server.use(
      http.get('/api/hosts', ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json(page([host()]));
      }),
    );
    const { user } = renderApp('/hosts');
    await user.type(await screen.findByRole('searchbox', { name: 'Search hosts' }), 'ho');
    await waitFor(() => expect(address()).toBe('/hosts?q=ho&page=1'));
    await user.click(await screen.findByRole('button', { name: 'State' }));
    await waitFor(() => expect(asked.at(-1)).toContain('sort=-state'));
    expect(screen.getByRole('columnheader', { name: 'State' })).toHaveAttribute('aria-sort', 'descending');
  });
});

describe('a host', () => {
  hasFourStates({
    at: '/hosts/host1',
    path: '/api/hosts/host1',
    empty: { body: hostDetail([]), text: 'No devices known' },
    data: { body: hostDetail([device()]), text: '/dev/sda1' },
  });

  it('shows failed devices with the reason, beside the others', async () => {
    const failed = device({
      name: '/dev/sdb1',
      status: 'failed',
      usage: null,
      problem: { code: 'device_unavailable', detail: 'Input/output error' },
    });
    answer({ '/api/hosts/host1': hostDetail([device(), failed]) });
    renderApp('/hosts/host1');
    expect(await screen.findByText(/Input\/output error/)).toBeInTheDocument();
    expect(screen.getByRole('meter', { name: 'Space: /dev/sda1' })).toHaveAttribute('aria-valuenow', '50');
  });

  it('says of a device what is not as one expects', async () => {
    const odd = device({
      user_quota_state: 'not_enforced',
      accounting: { state: 'rescanning', delay_seconds: 0 },
    });
    answer({ '/api/hosts/host1': hostDetail([odd, device({ name: '/dev/sdb1', user_quota_state: 'on' })]) });
    renderApp('/hosts/host1');
    expect(await screen.findByText('User limits not enforced')).toBeInTheDocument();
    expect(screen.getByText('Counting anew')).toBeInTheDocument();
  });

  it('is refreshed on demand, and says so when it does not answer', async () => {
    let token: string | null = null;
    answer({ '/api/hosts/host1': hostDetail([device()]) });
    server.use(
      http.post('/api/hosts/host1/refresh', ({ request }) => {
        token = request.headers.get('X-CSRF-Token');
        return problem(504, 'host_timeout');
      }),
    );
    const { user } = renderApp('/hosts/host1');
    await user.click(await screen.findByRole('button', { name: 'Refresh now' }));
    expect(await screen.findByText('The host does not answer in time')).toBeInTheDocument();
    expect(token).toBe('token-1');
    expect(screen.getByText('/dev/sda1')).toBeInTheDocument();
  });
});
