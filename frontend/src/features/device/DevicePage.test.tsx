import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { describe, expect, it } from 'vitest';
// The page comes lazily: loaded here, it does not take from the time of the first test.
import '@/app/DeviceRoute';
import { able, device, deviceAnswers, groupRow, page, row } from '@/test/fixtures';
import { hasFourStates } from '@/test/fourStates';
import { address, answer, renderApp } from '@/test/render';
import { server } from '@/test/server';

const at = '/hosts/host1/device?name=%2Fdev%2Fsda1';
const others = deviceAnswers();

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
    const { user } = renderApp(`${at}&status=ok&source=default&q=al&sort=name&page=2&edit=nonsense`);
    await screen.findByText('101–200 of 250');
    expect(Object.fromEntries(asked)).toEqual({
      host: 'host1',
      device: '/dev/sda1',
      quota_type: 'user',
      limits_source: 'default',
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

  it('leads to the person that a row belongs to, and to files of the rows that are shown', async () => {
    answer({ ...others, '/api/rows': page([row(), row({ id: 7, name: 'games', person: null })]) });
    renderApp(`${at}&status=ok`);
    expect(await screen.findByRole('link', { name: '1000 · alice' })).toHaveAttribute('href', '/people/p1');
    expect(screen.queryByRole('link', { name: /^7/ })).not.toBeInTheDocument();
    const file = screen.getByRole('link', { name: 'Download these rows as JSON' }).getAttribute('href') ?? '';
    expect(file.startsWith('/api/export/rows.json?')).toBe(true);
    expect(Object.fromEntries(new URLSearchParams(file.split('?')[1]))).toEqual({
      host: 'host1',
      device: '/dev/sda1',
      quota_type: 'user',
      status: 'ok',
    });
  });

  it('offers to clear filters that nobody matches', async () => {
    answer({ ...others, '/api/rows': page([]) });
    const { user } = renderApp(`${at}&q=zoe`);
    await user.click(await screen.findByRole('button', { name: 'Clear the filters' }));
    await waitFor(() => expect(address()).not.toContain('zoe'));
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
    answer({ ...deviceAnswers(failed), '/api/rows': page([]) });
    renderApp(at);
    expect(await screen.findByText(/No answer in 5 s/)).toBeInTheDocument();
  });
});

/** Rows by the quota type that is asked for. */
function answerRows(rows: Partial<Record<string, object[]>>) {
  server.use(
    http.get('/api/rows', ({ request }) => {
      const type = new URL(request.url).searchParams.get('quota_type') ?? '';
      return HttpResponse.json(page(rows[type] ?? []));
    }),
  );
}

describe('the quota types of a device', () => {
  it('have a tab each, in the address, and nothing carries over from one to the other', async () => {
    answer(deviceAnswers(able({ quota_types: ['user', 'group', 'project'] })));
    answerRows({ user: [row()], group: [row({ quota_type: 'group', id: 2000, name: 'lab', person: null })] });
    const { user } = renderApp(`${at}&q=al&status=ok&page=2`);
    await screen.findByText('alice');
    expect(screen.getByRole('tab', { name: 'Users' })).toHaveAttribute('aria-selected', 'true');
    await user.click(screen.getByRole('tab', { name: 'Groups' }));
    expect(await screen.findByText('lab')).toBeInTheDocument();
    expect(address()).toBe(`${at}&page=1&type=group`);
    await user.keyboard('{ArrowRight}');
    expect(await screen.findByText(/for any project yet/)).toBeInTheDocument();
  });

  it('need no tabs where there is one', async () => {
    answer(others);
    answerRows({ user: [row()] });
    renderApp(`${at}&type=project`);
    expect(await screen.findByText('alice')).toBeInTheDocument();
    expect(screen.queryByRole('tab')).not.toBeInTheDocument();
  });

  it('are edited by the same drawer', async () => {
    const staff = row({ quota_type: 'group', id: 1000, name: 'staff', person: null });
    let set: unknown;
    answer(deviceAnswers(able({ quota_types: ['user', 'group'] })));
    answerRows({ user: [row()], group: [staff] });
    server.use(
      http.put('/api/quotas/host1/groups/1000', async ({ request }) => {
        set = await request.json();
        return HttpResponse.json({
          row: groupRow({ block_hard_limit: 2_097_152 }),
          audit_id: '42',
          warnings: [],
        });
      }),
    );
    const { user } = renderApp(`${at}&type=group&edit=1000`);
    const drawer = await screen.findByRole('dialog', { name: 'Limits of staff' });
    const field = within(drawer).getByLabelText('Hard limit of space in GiB');
    await user.clear(field);
    await user.type(field, '2');
    await user.click(within(drawer).getByRole('button', { name: 'Set limits' }));
    expect(await screen.findByText(/hard limit 2 GiB/)).toBeInTheDocument();
    expect(set).toEqual({ block_hard_limit: 2_097_152 });
  });
});

describe('what a device cannot do', () => {
  const headers = () => screen.getAllByRole('columnheader').map(({ textContent }) => textContent);

  it('has no columns', async () => {
    answer(deviceAnswers(able({ inode_limits: false, grace_periods: false })));
    answerRows({ user: [row()] });
    renderApp(at);
    await screen.findByText('alice');
    await waitFor(() => expect(headers()).toContain('Change'));
    expect(headers()).not.toContain('Files');
    expect(headers()).not.toContain('Grace');
  });

  it('and what it can do has', async () => {
    answer(others);
    answerRows({ user: [row({ limits_source: 'default' })] });
    renderApp(at);
    await screen.findByText('alice');
    expect(headers()).toEqual(expect.arrayContaining(['Space', 'Files', 'Grace', 'Limits']));
    expect(within(screen.getByRole('table')).getByText('Default')).toBeInTheDocument();
  });

  it('or does not do right is said, with what helps', async () => {
    const states = device({
      user_quota_state: 'off',
      group_quota_state: 'on',
      project_quota_state: 'not_enforced',
      accounting: { state: 'delayed', delay_seconds: 5 },
    });
    answer({ ...deviceAnswers(states), '/api/rows': page([row()]) });
    renderApp(at);
    expect(await screen.findByText('User quotas off')).toBeInTheDocument();
    expect(screen.getByText('Project limits not enforced')).toBeInTheDocument();
    expect(screen.getByText(/up to 5 seconds later/)).toBeInTheDocument();
    expect(screen.queryByText(/Group/)).not.toBeInTheDocument();
  });
});
