import { screen, waitFor } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { device, hostDetail, page, row } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { address, answer, renderApp } from '@/test/render';
import { server } from '@/test/server';

const at = '/hosts/host1/device?name=%2Fdev%2Fsda1';
const others = { '/api/hosts/host1': hostDetail([device()]) };

describe('a device', () => {
  hasFourStates({
    at,
    path: '/api/rows',
    others,
    empty: { body: page([]), text: 'No quotas on this device' },
    data: { body: page([row()]), text: 'alice' },
  });

  it('asks the server for what the address says, and passes over what it does not understand', async () => {
    let asked = new URLSearchParams();
    answer(others);
    server.use(
      http.get('/api/rows', ({ request }) => {
        asked = new URL(request.url).searchParams;
        return HttpResponse.json(page([row()], 250));
      }),
    );
    const { user } = renderApp(`${at}&status=ok&q=al&sort=name&page=2&edit=nonsense`);
    await screen.findByText('101–200 of 250');
    expect(Object.fromEntries(asked)).toEqual({
      host: 'host1',
      device: '/dev/sda1',
      status: 'ok',
      q: 'al',
      sort: 'name',
      page: '2',
      page_size: '100',
    });
    await user.selectOptions(screen.getByRole('combobox', { name: 'Status' }), 'hard_reached');
    await waitFor(() => expect(asked.get('status')).toBe('hard_reached'));
    expect(asked.get('page')).toBe('1');
    expect(new URLSearchParams(address().split('?')[1]).get('status')).toBe('hard_reached');
  });

  it('offers to clear filters that nobody matches', async () => {
    answer({ ...others, '/api/rows': page([]) });
    const { user } = renderApp(`${at}&q=zoe`);
    await user.click(await screen.findByRole('button', { name: 'Clear the filters' }));
    await waitFor(() => expect(address()).not.toContain('zoe'));
  });

  it('does not take a group for the user of the same id', async () => {
    const group = row({ quota_type: 'group', name: 'staff' });
    answer({ ...others, '/api/rows': page([group, row()]) });
    renderApp(`${at}&edit=1000`);
    expect(await screen.findByRole('dialog', { name: 'Limits of alice' })).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: /of staff/, hidden: true })).not.toBeInTheDocument();
    expect(screen.getByText('Group · 1000 · alice')).toBeInTheDocument();
  });

  it('without a name asks which', async () => {
    answer(others);
    renderApp('/hosts/host1/device');
    expect(await screen.findByRole('heading', { level: 1, name: 'Which device?' })).toBeInTheDocument();
  });

  it('that failed says why', async () => {
    const failed = device({
      status: 'failed',
      usage: null,
      problem: { code: 'device_timeout', detail: 'No answer in 5 s' },
    });
    answer({ '/api/hosts/host1': hostDetail([failed]), '/api/rows': page([]) });
    renderApp(at);
    expect(await screen.findByText(/No answer in 5 s/)).toBeInTheDocument();
  });
});
